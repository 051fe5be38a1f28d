// Ids and texts as other people's tokenizers give them.
// node tokenizers.mjs <package> <folder with tokenizer.json and tokenizer_config.json>
// <package>: @huggingface/tokenizers (JavaScript) or tokenizers (the Rust library).
// Standard input: a JSON string on each line. Standard output: for each a JSON array with its ids; for every third, also their text, and
// their text without special tokens. A line is null where the text has a character that the Unicode version of this Node.js does not know.
// A line of input that is an array of ids gives [null, text, text without special tokens].
import fs from 'node:fs';
import path from 'node:path';

const [name, folder] = process.argv.slice(2);
const read = (file) => fs.readFileSync(path.join(folder, file), 'utf8');
const config = fs.existsSync(path.join(folder, 'tokenizer_config.json')) ? JSON.parse(read('tokenizer_config.json')) : {};

async function open() {
  if (name === 'tokenizers') {
    const { default: rust } = await import('tokenizers');
    const tokenizer = rust.Tokenizer.fromString(read('tokenizer.json'));
    return {
      encode: async (text) => (await tokenizer.encode(text, null, { addSpecialTokens: true })).getIds(),
      decode: (ids, skip) => tokenizer.decode(ids, skip),
    };
  }
  const { Tokenizer } = await import('@huggingface/tokenizers');
  const tokenizer = new Tokenizer(JSON.parse(read('tokenizer.json')), config);
  return {
    encode: async (text) => tokenizer.encode(text).ids,
    decode: async (ids, skip) =>
      ids.length === 0 ? '' : tokenizer.decode(ids, { skip_special_tokens: skip, clean_up_tokenization_spaces: false }),
  };
}

const tokenizer = await open();
const results = [];
for (const line of fs.readFileSync(0, 'utf8').split('\n')) {
  if (line.length === 0) continue;
  const item = JSON.parse(line);
  const isText = typeof item === 'string';
  if (isText && /\p{Cn}/u.test(item)) {
    results.push('null');
    continue;
  }
  const ids = isText ? Array.from(await tokenizer.encode(item)) : item;
  const decodes = !isText || results.length % 3 === 0;
  const texts = decodes ? [await tokenizer.decode(ids, false), await tokenizer.decode(ids, true)] : [];
  results.push(JSON.stringify([isText ? ids : null, ...texts]));
}
fs.writeSync(1, results.join('\n') + '\n');
