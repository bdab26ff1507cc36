import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memberTexts } from "./json-text.ts";

describe("memberTexts", () => {
  it("gives texts as they are written", () => {
    const text =
      '\t{ "id" : 9007199254740993 , "a\\u0062":1.0,"x":-0 ,"n":[1, {"}":"]\\""}],"s":"\\"}", "e":{ }, "id":1E5}\r';
    expect([...memberTexts(text)]).toEqual([
      ["id", "1E5"],
      ["ab", "1.0"],
      ["x", "-0"],
      ["n", '[1, {"}":"]\\""}]'],
      ["s", '"\\"}"'],
      ["e", "{ }"],
    ]);
    expect(memberTexts(" { } ").size).toBe(0);
    expect(memberTexts('{"__proto__":1}').get("__proto__")).toBe("1");
  });

  it("agrees with JSON.parse", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(undefined, 1, "\t"),
        (object, space) => {
          const text = JSON.stringify(object, undefined, space);
          const members = [...memberTexts(text)].map(([key, text]) => [key, JSON.parse(text)]);
          expect(members).toEqual(Object.entries(JSON.parse(text)));
        },
      ),
    );
  });
});
