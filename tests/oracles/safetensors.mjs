// An independent reader of safetensors, without any package: the oracle of what we save.
//
//   safetensors.mjs FOLDER                     one JSON object: tensor name -> { dtype, shape, raw, values }, where raw is the SHA-256 of the
//                                              bytes in the file and values that of the numbers as little-endian float32
//   safetensors.mjs FOLDER ADAPTER MERGED      the largest difference between MERGED and FOLDER + (alpha / r) B A of a PEFT adapter
//
// A folder holds model.safetensors, or model.safetensors.index.json and its shards, or adapter_model.safetensors. Anything that the format
// forbids ends the script with an error.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const sizes = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1 };

function check(holds, message) {
  if (!holds) throw new Error(message);
}

function readFile(file) {
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  check(8 + length <= bytes.length, `${file}: header of ${length} bytes`);
  check((8 + length) % 8 === 0, `${file}: the data is not aligned to 8 bytes`);
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString("utf8"));
  const tensors = new Map();
  let end = 0;
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__");
  for (const [name, entry] of entries.sort((a, b) => a[1].data_offsets[0] - b[1].data_offsets[0])) {
    const [from, to] = entry.data_offsets;
    check(from === end, `${file}: ${name} begins at ${from}, not at ${end}`);
    check(to - from === sizes[entry.dtype] * entry.shape.reduce((a, b) => a * b, 1), `${file}: ${name} has ${to - from} bytes`);
    check(from % sizes[entry.dtype] === 0, `${file}: ${name} is not aligned`);
    tensors.set(name, { dtype: entry.dtype, shape: entry.shape, bytes: bytes.subarray(8 + length + from, 8 + length + to) });
    end = to;
  }
  check(8 + length + end === bytes.length, `${file}: ${bytes.length - 8 - length - end} bytes too many`);
  check(header.__metadata__?.format === "pt", `${file}: no format in the metadata`);
  return tensors;
}

function readFolder(folder) {
  for (const name of ["model.safetensors", "adapter_model.safetensors"]) {
    if (existsSync(join(folder, name))) return readFile(join(folder, name));
  }
  const index = JSON.parse(readFileSync(join(folder, "model.safetensors.index.json"), "utf8"));
  const all = new Map();
  let size = 0;
  for (const shard of new Set(Object.values(index.weight_map))) {
    for (const [name, tensor] of readFile(join(folder, shard))) {
      check(index.weight_map[name] === shard, `${name}: the index says ${index.weight_map[name]}, it is in ${shard}`);
      check(!all.has(name), `${name} occurs twice`);
      all.set(name, tensor);
      size += tensor.bytes.length;
    }
  }
  check(all.size === Object.keys(index.weight_map).length, "the index names tensors that do not exist");
  check(index.metadata.total_size === size, `total_size is ${index.metadata.total_size}, not ${size}`);
  return all;
}

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function floats(tensor) {
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.length);
  const size = sizes[tensor.dtype], values = new Float32Array(tensor.bytes.length / size);
  const bits = new DataView(values.buffer);
  for (let i = 0; i < values.length; i++) {
    if (tensor.dtype === "F32") values[i] = view.getFloat32(4 * i, true);
    else if (tensor.dtype === "BF16") bits.setUint16(4 * i + 2, view.getUint16(2 * i, true), true);
    else values[i] = half(view.getUint16(2 * i, true));
  }
  return values;
}

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex");

function describe(folder) {
  const result = {};
  for (const [name, tensor] of readFolder(folder)) {
    const values = floats(tensor);
    result[name] = { dtype: tensor.dtype, shape: tensor.shape, raw: hash(tensor.bytes), values: hash(new Uint8Array(values.buffer)) };
  }
  return result;
}

function mergeError(baseFolder, adapterFolder, mergedFolder) {
  const base = readFolder(baseFolder), adapter = readFolder(adapterFolder), merged = readFolder(mergedFolder);
  const config = JSON.parse(readFileSync(join(adapterFolder, "adapter_config.json"), "utf8"));
  check(config.peft_type === "LORA" && config.task_type === "CAUSAL_LM" && config.bias === "none", "not a LoRA configuration");
  let worst = 0, used = 0;
  for (const [name, tensor] of base) {
    const expected = Float64Array.from(floats(tensor)), stem = `base_model.model.${name.replace(/\.weight$/, "")}`;
    const a = adapter.get(`${stem}.lora_A.weight`), b = adapter.get(`${stem}.lora_B.weight`);
    if (a) {
      used += 2;
      check(config.target_modules.includes(name.split(".").at(-2)), `${name} is not among the target modules`);
      check(a.shape[0] === config.r && b.shape[1] === config.r, `${name}: rank is not ${config.r}`);
      const [rows, columns] = tensor.shape, left = floats(b), right = floats(a);
      for (let i = 0; i < rows; i++)
        for (let k = 0; k < config.r; k++)
          for (let j = 0; j < columns; j++)
            expected[i * columns + j] += (config.lora_alpha / config.r) * left[i * config.r + k] * right[k * columns + j];
    }
    const actual = floats(merged.get(name));
    for (let i = 0; i < actual.length; i++) worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
  }
  check(used === adapter.size, "the adapter has tensors that the base does not");
  return { worst, adapted: used / 2 };
}

const [folder, adapter, merged] = process.argv.slice(2);
console.log(JSON.stringify(adapter ? mergeError(folder, adapter, merged) : describe(folder)));
