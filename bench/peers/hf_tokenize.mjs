// The time that @huggingface/tokenizers (the JavaScript tokenizer of Transformers.js) takes to encode texts, one after another, on one
// thread: the package has no batches and no threads. Special tokens are those that the tokenizer adds by itself.
//
// It keeps what it computed: BPE results of a word are cached, as in other tokenizers. The warm-up encodes all texts once, so what is
// measured is the faster, warm form.
//
// Configuration: tokenizer (folder with tokenizer.json and tokenizer_config.json), texts (file of JSON strings, one a line), modules
// (folder with node_modules). Each run answers with seconds and tokens.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const config = JSON.parse(process.argv[2]);
const answer = (values) => process.stdout.write(JSON.stringify(values) + "\n");

const here = dirname(fileURLToPath(import.meta.url));
const modules = resolve(config.modules ?? join(here, "../../tests/oracles"));
const root = join(modules, "node_modules/@huggingface/tokenizers");
if (!existsSync(root)) {
    answer({ ready: false, reason: `@huggingface/tokenizers is not installed: npm install in ${modules}` });
    process.exit(0);
}

const require = createRequire(join(root, "package.json"));
const { version } = require("./package.json");
const { Tokenizer } = require(root);
const read = (name) => {
    const file = join(config.tokenizer, name);
    return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
};
const tokenizer = new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
const texts = readFileSync(config.texts, "utf8").split("\n").filter((line) => line.length > 0).map((line) => JSON.parse(line));

function run() {
    const start = process.hrtime.bigint();
    let tokens = 0;
    for (const text of texts) tokens += tokenizer.encode(text).ids.length;
    return { seconds: Number(process.hrtime.bigint() - start) / 1e9, tokens };
}

run();
answer({
    ready: true,
    name: `@huggingface/tokenizers ${version}`,
    threads: 1,
    note: `JavaScript, Node.js ${process.versions.node}; one text after another on one thread, as the package has no batches`,
});
for await (const line of createInterface({ input: process.stdin })) {
    if (line.split(" ", 1)[0] === "run") answer(run());
}
