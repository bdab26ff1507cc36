import { describe, expect, it } from "vitest";
import { assignRoles, type ColumnChoices } from "./roles.ts";

const roles = (columns: string, choices?: ColumnChoices) =>
  assignRoles("log.csv", columns.split(","), choices);

describe("assignRoles", () => {
  it("recognises the usual names", () => {
    const logs: [columns: string, positions: (number | undefined)[]][] = [
      ["user,item,rating,timestamp", [0, 1, 2, 3]],
      ["userId,movieId,rating,timestamp", [0, 1, 2, 3]],
      ["User-ID,ISBN,Book-Rating", [0, 1, 2, undefined]],
      ["reviewerID,asin,overall,unixReviewTime", [0, 1, 2, 3]],
      ["timestamp,visitorid,event,itemid,transactionid", [1, 3, undefined, 0]],
      ["review_id,user_id,business_id,stars,date", [1, 2, 3, 4]],
      ["user_name,user_id,artist_id,track_id,ts", [1, 3, undefined, 4]],
      ["Date,Customer ID,SKU", [1, 2, undefined, 0]],
      ["session,product_id,score", [0, 1, 2, undefined]],
      ["uid,iid,time", [0, 1, undefined, 2]],
    ];
    for (const [columns, [user, item, rating, timestamp]] of logs) {
      expect({ columns, rating: undefined, timestamp: undefined, ...roles(columns) }).toEqual({
        columns,
        user,
        item,
        rating,
        timestamp,
      });
    }
  });

  it("takes choices by name and by position", () => {
    expect(roles("a,b,rating", { user: "b", item: 1 })).toEqual({ user: 1, item: 0, rating: 2 });
    expect(roles("a,b,rating", { user: "2", item: "1", rating: "-" })).toEqual({ user: 1, item: 0 });
    expect(roles("3,user,item", { user: "3" })).toEqual({ user: 0, item: 2 });
    expect(roles("rating,user,item", { item: "rating" })).toEqual({ user: 1, item: 0 });
  });

  it("takes a name that differs in case, spaces and punctuation alone, if one column has it", () => {
    const columns = " Customer ID ,Product SKU,customer-id 2";
    expect(roles(columns, { user: "customer id" })).toEqual({ user: 0, item: 1 });
    expect(roles("A b,a-B,item", { user: "a-B" })).toEqual({ user: 1, item: 2 });
    expect(() => roles("A b,a-B,item", { user: "ab" })).toThrow(/no column "ab" for the user/);
  });

  it("shows a choice to copy, with the column that it knows", () => {
    const hint = expect.stringContaining('--columns "user=Customer ID,item=NAME"');
    expect(() => roles(" Customer ID ,Thing")).toThrow(expect.objectContaining({ hint }));
  });

  it("lists the columns when one is unknown", () => {
    const fails = (columns: string, choices: ColumnChoices, message: string) =>
      expect(() => roles(columns, choices)).toThrow(
        expect.objectContaining({
          code: "UNKNOWN_COLUMN",
          message: expect.stringContaining(message),
          hint: expect.stringMatching(/--columns "?user=\w+,item=\w+/),
        }),
      );
    fails("who,item", {}, 'holds the user. The columns are "who", "item".');
    fails("user,what\u001b", {}, 'holds the item. The columns are "user", "what\\u{1b}".');
    fails("user,item", { user: "usr" }, 'no column "usr" for the user');
    fails("user,item", { item: 3 }, "no column 3 for the item; positions are 1 to 2");
    fails("user,item", { user: 0 }, "no column 0 for the user");
    fails("user,item", { user: "-" }, 'no column "-" for the user');
    fails("user,item", { user: "item", item: "item" }, 'Column "item" can\'t be both');
  });
});
