// Renders templates with @huggingface/jinja.
// node jinja.mjs [<folder with tokenizer.json and tokenizer_config.json>]
//
// Standard input: one JSON object a line, {"template": text, "variables": {name: value}, "now": ISO date or null}.
// Standard output: for each, {"text": ...} or {"error": ...} on a line; with a folder also the ids of the text, no special tokens added.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { Template } from "@huggingface/jinja";

// The package's strftime_now takes the clock; here the clock shows the date of the request.
const RealDate = Date;
let now = null;
globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 && now ? [now] : parts));
  }
};

async function openTokenizer(folder) {
  const { Tokenizer } = await import("@huggingface/tokenizers");
  const read = (name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8"));
  return new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
}

const tokenizer = process.argv[2] && (await openTokenizer(process.argv[2]));

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  now = request.now;
  let answer;
  try {
    const text = new Template(request.template).render(request.variables);
    answer = tokenizer ? { text, ids: tokenizer.encode(text, { add_special_tokens: false }).ids } : { text };
  } catch (error) {
    answer = { error: String(error.message ?? error) };
  }
  console.log(JSON.stringify(answer));
}
