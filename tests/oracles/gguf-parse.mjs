// Parses GGUF files with @huggingface/gguf. Arguments: paths. Standard output: one JSON array with the metadata of each file (long
// arrays by their length) and its tensors.
import { gguf } from "@huggingface/gguf";

const files = [];
for (const path of process.argv.slice(2)) {
    const { metadata, tensorInfos, typedMetadata } = await gguf(path, { allowLocalFile: true, typedMetadata: true });
    const values = {};
    for (const [key, value] of Object.entries(metadata)) {
        const shown = Array.isArray(value) ? { length: value.length } : typeof value === "bigint" ? Number(value) : value;
        values[key] = { value: shown, type: typedMetadata[key]?.type };
    }

    files.push({
        metadata: values,
        tensors: tensorInfos.map((tensor) => ({
            name: tensor.name,
            shape: tensor.shape.map(Number),
            type: tensor.dtype,
            offset: Number(tensor.offset),
        })),
    });
}

process.stdout.write(JSON.stringify(files));
