import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  columns,
  number,
  oneOf,
  positiveInteger,
  positiveNumber,
  ratio,
  share,
  wholeNumber,
} from "./options.ts";

const numberParsers = { number, positiveNumber, share, positiveInteger, wholeNumber };

describe("numbers", () => {
  it("reads every number above 0 as JavaScript writes it", () => {
    fc.assert(
      fc.property(fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(positiveNumber(String(value))).toBe(value);
        expect(() => positiveNumber(String(-value))).toThrow(/above 0/);
        expect(number(String(-value))).toBe(-value);
      }),
    );
  });

  it("reads every whole number that is exact", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(wholeNumber(String(value))).toBe(value);
        if (value > 0) expect(positiveInteger(String(value))).toBe(value);
      }),
    );
    expect(() => positiveInteger("9007199254740992")).toThrow(/at least 1/);
  });

  it.each([".1", "1.", "0.1", "+.1", "1e-3", "1E0"])("takes %s", (text) => {
    expect(share(text)).toBe(Number(text));
  });

  it.each(
    Object.entries(numberParsers).flatMap(([name, parse]) =>
      [
        "",
        " ",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "0x10",
        "0b1",
        "1_000",
        "1,5",
        " 1",
        "1 ",
        "1n",
        "٣",
        "--1",
        ".",
      ].map((text) => ({ name, parse, text })),
    ),
  )("$name refuses '$text'", ({ parse, text }) => {
    expect(() => parse(text)).toThrow(/^It must be/);
  });

  it.each([
    [positiveNumber, ["0", "-0", "-1", "1e-999"]],
    [share, ["0", "1.0000001", "-1", "2"]],
    [positiveInteger, ["0", "-1", "1.5", "1e3"]],
    [wholeNumber, ["-1", "0.5"]],
  ])("%# refuses what is out of range", (parse, texts) => {
    for (const text of texts) expect(() => parse(text), text).toThrow(/^It must be/);
  });
});

describe("oneOf", () => {
  const model = oneOf("svd", "nce-plrec", "wrmf", "ease", "popularity");

  it("takes the names and nothing else, inherited properties included", () => {
    expect(model("nce-plrec")).toBe("nce-plrec");
    for (const text of ["", "SVD", "constructor", "__proto__"])
      expect(() => model(text)).toThrow(/one of svd, /);
  });

  it.each([
    ["sdv", "svd"],
    ["SVD", "svd"],
    ["nce", undefined],
    ["nceplrec", "nce-plrec"],
    ["nec-plrec", "nce-plrec"],
    ["popularty", "popularity"],
    ["transformer", undefined],
  ])("answers %s with %s", (text, meant) => {
    const expected =
      meant === undefined ? /^(?!.*Did you mean)/s : new RegExp(`\\(Did you mean ${meant}\\?\\)$`);
    expect(() => model(text)).toThrow(expected);
  });

  it("recognises every name with two neighbouring letters swapped", () => {
    fc.assert(
      fc.property(fc.constantFrom("nce-plrec", "popularity", "item-knn"), fc.nat(6), (name, at) => {
        const swapped = name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2);
        fc.pre(swapped !== name);
        expect(() => oneOf("nce-plrec", "popularity", "item-knn")(swapped)).toThrow(`Did you mean ${name}?`);
      }),
    );
  });
});

describe("columns", () => {
  it("gives back any names without commas, spaces and = included", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !text.includes(","));
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("user", "item", "rating", "timestamp"), name, { minKeys: 1 }),
        (choice) => {
          const text = Object.entries(choice)
            .map(([role, column]) => `${role}=${column}`)
            .join(",");
          expect(columns(text)).toEqual({ ...choice });
        },
      ),
    );
  });

  it.each(["", "user", "user=", "=a", "user=a,", "user=a,,item=b", "user=a,user=b", "__proto__=a"])(
    "refuses '%s'",
    (text) => {
      expect(() => columns(text)).toThrow(/^It must be/);
    },
  );

  it("answers a misspelt role", () => {
    expect(() => columns("usr=a")).toThrow("Did you mean user?");
  });
});

describe("ratio", () => {
  it("gives shares in proportion that sum to 1", () => {
    const part = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(part, fc.nat(1000), part, (train, validation, test) => {
        const shares = ratio(`${train}:${validation}:${test}`);
        expect(shares.train + shares.validation + shares.test).toBeCloseTo(1, 12);
        expect(shares.validation / shares.train).toBeCloseTo(validation / train, 9);
        expect(shares.test / shares.train).toBeCloseTo(test / train, 9);
      }),
    );
  });

  it("reads the paper's split", () => {
    expect(ratio("5:2:3")).toEqual({ train: 0.5, validation: 0.2, test: 0.3 });
  });

  it.each([
    "",
    "5",
    "5:3",
    "5:2:3:1",
    "0:2:3",
    "5:2:0",
    "-5:2:3",
    "5:x:3",
    "5::3",
    "1e999:1:1",
    "Infinity:1:1",
  ])("refuses '%s'", (text) => {
    expect(() => ratio(text)).toThrow(/^It must be/);
  });
});
