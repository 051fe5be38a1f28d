// Loads GGUF files with llama.cpp and says what it makes of them. Standard input: a JSON array of requests,
//   { file, vocabOnly, texts: [text], ends: [id], scores: [[id]], greedy: [id], count }
// Standard output: one JSON array, for each request an object with the ids of each text (with the tokens that llama.cpp puts around it),
// the flags, whether each of ends ends an answer, the logits after each id of each list in scores, and the ids that follow greedy when
// the most probable one is taken count times; or with an error where the file cannot be loaded.
import { readFileSync } from "node:fs";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";

const requests = JSON.parse(readFileSync(0, "utf8"));
let messages = [];
const llama = await getLlama({
    build: "never",
    gpu: false,
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.warn,
    logger: (level, message) => messages.push(`${level}: ${message.trim()}`),
});

const results = [];
for (const request of requests) {
    messages = [];
    try {
        results.push(await run(request));
    } catch (error) {
        results.push({ error: String(error), messages });
    }
}

await new Promise((resolve) => process.stdout.write(JSON.stringify(results), resolve));
process.exit(0);

async function run({ file, vocabOnly = false, texts = [], ends = [], scores = [], greedy = [], count = 0 }) {
    const model = await llama.loadModel({ modelPath: file, vocabOnly, gpuLayers: 0 });
    const { tokens } = model;
    const result = {
        ids: texts.map((text) => [
            ...(tokens.shouldPrependBosToken ? [tokens.bos] : []),
            ...model.tokenize(text, true),
            ...(tokens.shouldAppendEosToken ? [tokens.eos] : []),
        ]),
        bos: tokens.bos,
        eos: tokens.eos,
        eot: tokens.eot,
        addsBos: tokens.shouldPrependBosToken,
        addsEos: tokens.shouldAppendEosToken,
        ends: ends.map((id) => model.isEogToken(id)),
    };
    if (!vocabOnly) Object.assign(result, await compute(model, scores, greedy, count));
    await model.dispose();
    return { ...result, messages };
}

async function compute(model, scores, greedy, count) {
    const longest = Math.max(greedy.length + count, ...scores.map((ids) => ids.length)) + 8;
    const context = await model.createContext({
        contextSize: longest,
        batchSize: longest,
        flashAttention: false,
        swaFullCache: true,
        experimentalKvCacheKeyType: "F32",
        experimentalKvCacheValueType: "F32",
        threads: 1, // its threads wait for each other by spinning, which is slow where others use the cores
    });
    const sequence = context.getSequence();
    const next = async (ids, all) => {
        const wanted = { generateNext: { logits: true } };
        const output = await sequence.controlledEvaluate(ids.map((id, i) => (all || i === ids.length - 1 ? [id, wanted] : id)));
        return output.filter((item) => item !== undefined).map((item) => {
            const row = [];
            for (const [token, value] of item.next.logits) row[token] = value;
            return row;
        });
    };

    const logits = [];
    for (const ids of scores) {
        await sequence.clearHistory();
        logits.push(await next(ids, true));
    }

    const continued = [];
    await sequence.clearHistory();
    let pending = greedy;
    while (continued.length < count) {
        const [row] = await next(pending, false);
        pending = [row.indexOf(row.reduce((a, b) => Math.max(a, b)))];
        continued.push(...pending);
    }

    await context.dispose();
    return { logits, greedy: continued };
}
