import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAddress } from "./address.ts";

describe("an address", () => {
  it("has defaults", () => {
    expect(parseAddress("redis://queue")).toEqual({
      ...{ kind: "redis", host: "queue", port: 6379, user: undefined, password: undefined },
      ...{ database: undefined, tls: false, masked: "redis://queue:6379" },
    });
    expect(parseAddress("postgresql://queue/")).toMatchObject({
      kind: "postgres",
      port: 5432,
      database: undefined,
    });
  });

  it("says all there is to know", () => {
    expect(parseAddress("rediss://worker:s%40crt@[::1]:7000/3")).toEqual({
      ...{ kind: "redis", host: "::1", port: 7000, user: "worker", password: "s@crt" },
      ...{ database: "3", tls: true, masked: "rediss://***@[::1]:7000/3" },
    });
    expect(parseAddress("postgres://me:pw@10.0.0.1/jobs?sslmode=require")).toEqual({
      ...{
        kind: "postgres",
        host: "10.0.0.1",
        port: 5432,
        user: "me",
        password: "pw",
        database: "jobs",
        tls: true,
      },
      masked: "postgres://***@10.0.0.1:5432/jobs?sslmode=require",
    });
    expect(parseAddress("redis://pw@h").masked).toBe("redis://***@h:6379");
  });

  const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/);
  const secret = fc
    .string({ minLength: 1, maxLength: 20, unit: "grapheme" })
    .filter((text) => !text.includes("\0"));
  it("gives user, password and database back, whatever they are, and masks the password", () => {
    fc.assert(
      fc.property(word, secret, word, fc.integer({ min: 1, max: 65535 }), (user, secret, host, port) => {
        const password = `${secret}hunter2`;
        const text = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${encodeURIComponent(user)}`;
        const address = parseAddress(text);
        expect(address).toMatchObject({ user, password, host, port, database: user });
        expect(address.masked).not.toContain("hunter2");
      }),
    );
  });

  it("that is refused is not repeated", () => {
    const damage = fc.constantFrom(
      ...[
        "redis:hunter2@h",
        "http://u:hunter2@h",
        "redis://u:hunter2@",
        "redis://:hunter2@h:0",
        "redis://u:hunter2@h/x",
      ],
      ...[
        "redis://u:hunter2@h:99999",
        "redis://u:hunter2%zz@h",
        "postgres://u:hunter2@h/a/b",
        "redis://h?p=hunter2",
      ],
      ...["postgres://h/d?sslmode=hunter2", "postgres://h/d#hunter2", "//u:hunter2@h", "hunter2", ""],
      ...[
        "postgres://u:hunter2@h%00/d",
        "postgres://u:%00hunter2@h/d",
        "mysql://u:hunter2@h",
        "redis://u:hunter2@h h",
      ],
    );
    const noise = fc.string({ maxLength: 5 });
    fc.assert(
      fc.property(damage, noise, (text, more) => {
        for (const address of [text, `${more}${text}`]) {
          try {
            parseAddress(address);
          } catch (error) {
            const { name, code, message, hint, details, cause } = error as never;
            expect(name).toBe("ProRecError");
            expect(code).toBe("UNUSABLE_CLUSTER");
            expect(JSON.stringify([message, hint, details, cause])).not.toContain("hunter2");
            continue;
          }
          if (address === text) expect.fail(`${text} was taken`);
        }
      }),
    );
  });
});
