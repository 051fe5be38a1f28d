// Parquet files seen by hyparquet, and files written by hyparquet-writer.
//   node parquet.mjs read FILE        one JSON object per row on standard output
//   node parquet.mjs write FOLDER     files of all kinds; the same rows as JSON on standard output, one line per file
// Integers beyond 2^53 and numbers that JSON lacks become strings, bytes become hexadecimal digits, as in Rows.cs of Parquet.Tests.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import zlib from 'node:zlib'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet/src/node.js'
import { compressors } from 'hyparquet-compressors'
import { parquetWriteBuffer } from 'hyparquet-writer'

function plain(value) {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? (value === 0 ? 0 : value) : String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return Array.from(value, plain)
  if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]))
  return value
}

const lines = rows => rows.map(row => JSON.stringify(plain(row))).join('\n')

async function read(file) {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file), compressors, utf8: false })
  process.stdout.write(lines(rows))
}

// A small deterministic source of numbers, so that a failure can be looked at again.
let state = 12345
const random = n => (state = (state * 1103515245 + 12345) % 2147483648) % n
const many = (n, f) => Array.from({ length: n }, (_, i) => f(i))
const holes = values => values.map((v, i) => (i % 5 === 3 ? null : v))
const text = i => (i % 11 === 0 ? '' : `text ${i % 17} é 😀 ${'x'.repeat(random(30))}`)

const packers = {
  GZIP: bytes => new Uint8Array(zlib.gzipSync(bytes)),
  BROTLI: bytes => new Uint8Array(zlib.brotliCompressSync(bytes)),
}
const codecs = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI']

function columns(n) {
  const i32 = many(n, i => random(1 << 30) - (1 << 29) + i)
  const i64 = many(n, i => BigInt(random(1 << 30)) * BigInt(random(1 << 30)) - (1n << 40n) + BigInt(i))
  const f64 = many(n, i => (i % 13 === 0 ? NaN : Math.sin(i) * 10 ** random(200)))
  const f32 = f64.map(Math.fround)
  const strings = many(n, text)
  const kinds = many(n, i => ['stop', 'length', 'tool'][i % 3])
  const flags = many(n, i => random(3) === 0)
  const column = (name, data, type, encoding) => [
    { name, data, type, nullable: false, ...(encoding && { encoding }) },
    { name: `${name}_or_null`, data: holes(data), type, ...(encoding && { encoding }) },
  ]
  return [
    ...column('flag', flags, 'BOOLEAN', 'PLAIN'),
    ...column('flag_rle', flags, 'BOOLEAN', 'RLE'),
    ...column('int32', i32, 'INT32', 'PLAIN'),
    ...column('int32_delta', i32, 'INT32', 'DELTA_BINARY_PACKED'),
    ...column('int32_split', i32, 'INT32', 'BYTE_STREAM_SPLIT'),
    ...column('int32_count', many(n, i => i), 'INT32', 'DELTA_BINARY_PACKED'),
    ...column('int64', i64, 'INT64', 'PLAIN'),
    ...column('int64_delta', i64, 'INT64', 'DELTA_BINARY_PACKED'),
    ...column('int64_split', i64, 'INT64', 'BYTE_STREAM_SPLIT'),
    ...column('float', f32, 'FLOAT', 'PLAIN'),
    ...column('float_split', f32, 'FLOAT', 'BYTE_STREAM_SPLIT'),
    ...column('double', f64, 'DOUBLE', 'PLAIN'),
    ...column('double_split', f64, 'DOUBLE', 'BYTE_STREAM_SPLIT'),
    ...column('string', strings, 'STRING', 'PLAIN'),
    ...column('string_lengths', strings, 'STRING', 'DELTA_LENGTH_BYTE_ARRAY'),
    ...column('string_prefixes', [...strings].sort(), 'STRING', 'DELTA_BYTE_ARRAY'),
    ...column('kind', kinds, 'STRING'),
    ...column('constant', many(n, () => 'always the same'), 'STRING'),
    ...column('bytes', strings.map(s => new TextEncoder().encode(s)), 'BYTE_ARRAY', 'PLAIN'),
  ]
}

function flat(n, codec) {
  const columnData = columns(n)
  const rows = many(n, i => Object.fromEntries(columnData.map(c => [c.name, c.data[i]])))
  return { name: `flat-${codec.toLowerCase()}-${n}`, rows, options: { columnData, codec, compressors: packers, rowGroupSize: 400, pageSize: 2000 } }
}

function nested(codec) {
  const n = 120
  const chat = i => [null, [], [{ role: 'user', content: `question ${i}` }],
    [{ role: 'system', content: 'think' }, { role: 'user', content: null }, { role: null, content: '' }]][i % 4]
  const data = {
    prompt: many(n, chat),
    ids: many(n, i => (i % 7 === 0 ? null : many(i % 5, j => i * j))),
    reward_model: many(n, i => (i % 6 === 0 ? null : { ground_truth: `${i}`, style: i % 2 ? 'rule' : null })),
    deep: many(n, i => (i % 4 === 0 ? [] : many(i % 3, j => many(j, k => (k === 1 ? null : `${i}.${j}.${k}`))))),
  }
  const optional = (name, more) => ({ name, repetition_type: 'OPTIONAL', ...more })
  const string = name => optional(name, { type: 'BYTE_ARRAY', converted_type: 'UTF8' })
  const list = (name, ...item) => [
    optional(name, { num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } }),
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    ...item,
  ]
  const schema = [
    { name: 'root', num_children: 4 },
    ...list('prompt', optional('element', { num_children: 2 }), string('role'), string('content')),
    ...list('ids', optional('element', { type: 'INT32' })),
    optional('reward_model', { num_children: 2 }), string('ground_truth'), string('style'),
    ...list('deep', ...list('element', string('element'))),
  ]
  const columnData = Object.entries(data).map(([name, values]) => ({ name, data: values }))
  const rows = many(n, i => Object.fromEntries(Object.keys(data).map(name => [name, data[name][i]])))
  return { name: `nested-${codec.toLowerCase()}`, rows, options: { columnData, schema, codec, compressors: packers, rowGroupSize: 50 } }
}

// Kinds of numbers that carry an annotation.
function annotated() {
  const n = 200
  const small = many(n, i => i % 100)
  const element = (name, type, more) => ({ name, type, repetition_type: 'REQUIRED', ...more })
  const kinds = [
    ['uint8', element('uint8', 'INT32', { converted_type: 'UINT_8' }), small],
    ['int8', element('int8', 'INT32', { converted_type: 'INT_8' }), small.map(i => i - 50)],
    ['uint16', element('uint16', 'INT32', { converted_type: 'UINT_16' }), small.map(i => i * 600)],
    ['int16', element('int16', 'INT32', { converted_type: 'INT_16' }), small.map(i => i * 300 - 9000)],
    ['uint32', element('uint32', 'INT32', { converted_type: 'UINT_32' }), small.map(i => i * 40000000)],
    ['uint64', element('uint64', 'INT64', { converted_type: 'UINT_64' }), small.map(i => BigInt(i) * 180000000000000000n)],
    ['decimal32', element('decimal32', 'INT32', { converted_type: 'DECIMAL', scale: 2, precision: 6 }), small.map(i => (i * 25 - 500) / 100)],
    ['decimal64', element('decimal64', 'INT64', { converted_type: 'DECIMAL', scale: 3, precision: 15 }), small.map(i => i * 1000000 + 0.125)],
  ]
  const columnData = kinds.map(([name, , data]) => ({ name, data }))
  const rows = many(n, i => Object.fromEntries(kinds.map(([name, , data]) => [name, data[i]])))
  return { name: 'annotated', rows, options: { columnData, schema: [{ name: 'root', num_children: kinds.length }, ...kinds.map(kind => kind[1])] } }
}

function write(folder) {
  const files = [...codecs.flatMap(codec => [flat(1000, codec), nested(codec)]), flat(1, 'SNAPPY'), flat(0, 'SNAPPY'), annotated()]
  for (const { name, rows, options } of files) {
    writeFileSync(join(folder, `${name}.parquet`), Buffer.from(parquetWriteBuffer(options)))
    process.stdout.write(JSON.stringify({ name, rows: rows.map(plain) }) + '\n')
  }
}

const [command, path] = process.argv.slice(2)
if (command === 'read') await read(path)
else if (command === 'write') write(path)
else throw new Error('read FILE or write FOLDER')
