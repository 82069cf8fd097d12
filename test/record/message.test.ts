/** The messages that the commands send are those of iomux/protocol. */
import { expect, test } from "vitest";

import { encode, json_encode } from "iomux/protocol";

import { message, SEARCH } from "../../tools/record/message.ts";

test("text, as its bytes", () => {
  const content = '{"result": "Follow the white rabbit. 🐰"}';
  expect(message("text/json", "utf-8", content)).toEqual(
    encode({
      content: Buffer.from(content),
      content_type: "text/json",
      content_encoding: "utf-8",
    }),
  );
});

test("a search, as app-client sends it", () => {
  const content = json_encode({ action: "search", value: "morpheus" }, "utf-8");
  expect(SEARCH).toEqual(encode({ content, content_type: "text/json", content_encoding: "utf-8" }));
});
