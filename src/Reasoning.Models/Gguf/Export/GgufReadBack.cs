using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Import;
using Reasoning.Models.Gguf.Vocabulary;
using Reasoning.Models.Modeling;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Gguf.Export;

/// <summary>
/// Reads a file that was just written and compares it with the checkpoint: the ids of probe texts by the tokenizer that the file gives,
/// every value of every tensor within the bound of its type, and the flags that runners go by.
/// </summary>
internal static class GgufReadBack
{
    private const int ChunkElements = 1 << 18;

    /// <summary>The checklist.</summary>
    /// <param name="plan">What was to be written.</param>
    /// <param name="path">Where the file is now.</param>
    /// <param name="file">What it will be called, for messages.</param>
    /// <param name="type">The type asked for.</param>
    /// <param name="progress">Told what is being done.</param>
    /// <exception cref="UserErrorException">Something differs; the message says what.</exception>
    public static IReadOnlyList<GgufCheck> Check(GgufPlan plan, string path, string file, GgufTensorType type, Action<string>? progress)
    {
        using GgufReader reader = GgufReader.Open(path, file);
        GgufVocabulary vocabulary = GgufVocabulary.Read(reader.Metadata);
        ModelConfig config = ArchitectureMetadata.Read(reader, vocabulary);
        CheckShape(plan.Config, config, file);
        var checks = new List<GgufCheck>
        {
            new("architecture", $"{plan.Architecture.Name}, from model type {plan.Config.ModelType}: {config.Layers} layers, width "
                + $"{config.HiddenSize}, {config.Heads} heads ({config.KeyValueHeads} for keys and values) of {config.HeadDim}"),
            new("head", config.TieWordEmbeddings
                ? $"tied: no output.weight, readers of {plan.Architecture.Name} take token_embd.weight" : "untied: output.weight"),
        };
        if (plan.Renamed is { } renamed) checks.Add(new("names", renamed, true));
        if (plan.Config.Scaling is { } scaling) checks.Add(new("rope scaling", Describe(scaling)));
        checks.AddRange(Types(plan, reader, type));
        checks.Add(new("pre-tokenizer", $"{plan.PreTokenizer}: {plan.PreTokenizerReason}"));
        checks.AddRange(Vocabulary(plan, vocabulary, file));
        checks.Add(Template(plan, reader, file));
        checks.Add(Probes(plan, vocabulary, reader, file));
        checks.Add(Values(plan, reader, file, progress));
        return checks;
    }

    private static void CheckShape(ModelConfig expected, ModelConfig found, string file)
    {
        if (Shape(found) != Shape(expected)) throw Failed(file, $"the shape of the model: {Shape(found)} instead of {Shape(expected)}");
        // Several settings may stand for the same frequencies, and a file has only those.
        IEnumerable<double> numbers = Rotation(expected).Zip(Rotation(found), (a, b) => Math.Abs(a - b) / a);
        if (numbers.Max() is var worst && !(worst <= 1e-4)) throw Failed(file, FormattableString.Invariant($"the rotary frequencies, by {worst:P2}"));
    }

    private static IEnumerable<double> Rotation(ModelConfig config)
        => RotaryFrequencies.Compute(config, 1).Append(RotaryFrequencies.AttentionFactor(config.Scaling));

    // Everything else that the computation depends on, numbers as the file holds them.
    private static string Shape(ModelConfig config) => string.Create(
        CultureInfo.InvariantCulture,
        $"width {config.HiddenSize}, inner {config.IntermediateSize}, layers {config.Layers}, heads {config.Heads}/{config.KeyValueHeads} "
        + $"of {config.HeadDim}, rows {config.VocabSize}, positions {config.MaxPositions}, eps {(float)config.RmsNormEps}, theta "
        + $"{(float)config.RopeTheta}/{(float?)config.LocalRopeTheta}, tied {config.TieWordEmbeddings}, "
        + $"bias {config.Family.AttentionBias}, norms {config.Family.QkNorm}/{config.Family.SandwichNorms}, scale {(float)config.AttentionScale}, windows "
        + $"{string.Join(' ', Enumerable.Range(0, config.Layers).Select(config.Window))}");

    private static IEnumerable<GgufCheck> Types(GgufPlan plan, GgufReader reader, GgufTensorType type)
    {
        IEnumerable<string> counts = reader.Tensors.Values.GroupBy(tensor => tensor.Type)
            .OrderByDescending(group => group.Sum(tensor => tensor.ByteLength))
            .Select(group => $"{group.Count()} {group.Key.Name()} ({Megabytes(group.Sum(tensor => tensor.ByteLength))})");
        yield return new("types", string.Join(", ", counts));
        ModelTensor? head = plan.Rules.Find(rule => rule.Role == TensorRole.Head);
        if (head is not null && type is GgufTensorType.Q4_0 or GgufTensorType.Q4_K)
        {
            string finer = TensorTypes.Choose(head!, type).Name();
            yield return new("head type", $"{head!.GgufName} is {finer}, finer than {type.Name()}: errors there cost most", true);
        }

        IEnumerable<ModelTensor> fallbacks = plan.Rules.Where(rule => TensorTypes.IsFallback(rule, type));
        foreach (IGrouping<(long Row, GgufTensorType Type), ModelTensor> group in
            fallbacks.GroupBy(rule => (rule.Shape[^1], TensorTypes.Choose(rule, type))))
        {
            yield return new(
                "fallback", $"{group.Count()} tensors with rows of {group.Key.Row} values, no whole blocks of {type.Name()}, are "
                    + $"{group.Key.Type.Name()}: {Few(group.Select(rule => rule.GgufName))}", true);
        }
    }

    private static IEnumerable<GgufCheck> Vocabulary(GgufPlan plan, GgufVocabulary found, string file)
    {
        GgufVocabulary expected = plan.Vocabulary;
        bool same = found.Tokens.AsSpan().SequenceEqual(expected.Tokens) && found.Types.AsSpan().SequenceEqual(expected.Types)
            && expected == found with
            {
                Tokens = expected.Tokens,
                Types = expected.Types,
                Scores = expected.Scores,
                Merges = expected.Merges,
            }
            && (found.Scores ?? []).AsSpan().SequenceEqual(expected.Scores ?? [])
            && (found.Merges ?? []).SequenceEqual(expected.Merges ?? []);
        if (!same) throw Failed(file, "the vocabulary or its flags");
        int unused = found.Types.Count(kind => kind == GgufTokenType.Unused);
        yield return new("tokens", $"{found.Tokens.Length - unused} tokens for {found.Tokens.Length} rows"
            + (unused > 0 ? $"; {unused} rows without a token are named [PAD…] and unused" : ""));
        yield return new("flags", $"add_bos_token {Flag(found.AddBos)}, add_eos_token {Flag(found.AddEos)}, add_space_prefix "
            + $"{Flag(found.AddSpacePrefix)}; first {Token(found, found.Bos)}, padding {Token(found, found.Padding)}");
        yield return new("stop ids", $"eos {Token(found, found.Eos)}, eot {Token(found, found.Eot)}, eom {Token(found, found.Eom)}");
        int?[] named = [found.Eos, found.Eot, found.Eom];
        string[] left = [.. plan.Stops.Where(stop => !named.Contains(stop.Id)).Select(stop => stop.Text)];
        if (left.Length > 0)
            yield return new("stop ids", $"no field for {Few(left)}: runners stop there only if told to (the Modelfile does)", true);
        if (plan.Source.Composes)
        {
            yield return new(
                "normalizer", "NFC has no field: llama.cpp cuts text that is not in normal form C otherwise than the checkpoint", true);
        }

        if (plan.Source.PrefixesOnlyFirst)
            yield return new("normalizer", "readers put a space after a special token, too, the checkpoint only before the text", true);
        if (!plan.Source.IsByteLevel)
        {
            int pairs = SentencePieceScores.Disagreements(found.Tokens, found.IsMerged, plan.Source.Merges);
            yield return pairs == 0
                ? new("merges", "scores and merges say the same")
                : new("merges", $"{pairs} pairs would be merged by scores where the checkpoint does not merge them", true);
        }
    }

    private static GgufCheck Template(GgufPlan plan, GgufReader reader, string file)
    {
        string? found = reader.Metadata.OptionalText(ChatTemplates.Key);
        if (found != plan.Templates.Default) throw Failed(file, "the chat template");
        if (found is null)
            return new("chat template", plan.PromptTemplate is null ? "none" : "none; a prompt template is kept for this program");
        byte[] bytes = Encoding.UTF8.GetBytes(found);
        string hash = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 4));
        return new("chat template", $"{bytes.Length} bytes, SHA-256 {hash}…, as in the checkpoint");
    }

    private static GgufCheck Probes(GgufPlan plan, GgufVocabulary vocabulary, GgufReader reader, string file)
    {
        Tokenizer tokenizer = GgufImport.Tokenizer(reader, vocabulary, plan.Config.MaxPositions);
        int texts = 0;
        foreach (string text in ProbeTexts.For(vocabulary))
        {
            bool hasSpecial = texts >= ProbeTexts.PlainCount;
            if (hasSpecial && plan.Source.PrefixesOnlyFirst) break;
            int[] expected = plan.Tokenizer.Encode(text), found = tokenizer.Encode(text);
            if (!found.AsSpan().SequenceEqual(expected))
            {
                throw Failed(
                    file,
                    $"the ids of the probe text '{text}' with pre-tokenizer {plan.PreTokenizer}: {Few(found)} instead of {Few(expected)}");
            }

            texts++;
        }

        return new("read back", $"the ids of {texts} probe texts are those of the checkpoint's tokenizer");
    }

    private static GgufCheck Values(GgufPlan plan, GgufReader reader, string file, Action<string>? progress)
    {
        float[] expected = new float[ChunkElements], found = new float[ChunkElements], bounds = new float[ChunkElements];
        double worst = 0;
        long values = 0;
        foreach (ModelTensor rule in plan.Rules)
        {
            GgufTensor tensor = reader.Find(rule.GgufName);
            CopyFloats copy = plan.Values(rule);
            int block = tensor.Type.BlockElements();
            for (long start = 0; start < tensor.Count; start += ChunkElements)
            {
                int count = (int)Math.Min(ChunkElements, tensor.Count - start);
                copy(start, expected.AsSpan(0, count));
                reader.Read(tensor, start, found.AsSpan(0, count));
                for (int at = 0; at < count; at += block)
                    TensorCodec.Bounds(tensor.Type, expected.AsSpan(at, block), bounds.AsSpan(at, block));
                for (int i = 0; i < count; i++)
                {
                    double error = Math.Abs((double)expected[i] - found[i]);
                    if (!(error <= bounds[i]))
                    {
                        throw Failed(file, FormattableString.Invariant(
                            $"tensor '{rule.GgufName}' at {start + i}: {found[i]} instead of {expected[i]}, more than {bounds[i]} off"));
                    }

                    if (error > 0) worst = Math.Max(worst, error / bounds[i]);
                }

                values += count;
            }

            progress?.Invoke($"checked {rule.GgufName}");
        }

        return new("values", string.Create(
            CultureInfo.InvariantCulture,
            $"{values:#,0} values read back, all within their type's bound; the worst error is {worst:P0} of it"));
    }

    private static UserErrorException Failed(string file, string what)
        => new(UserErrorException.OneLine($"{file}: not written: read back, it differs in {what}"));

    private static string Describe(RopeScaling scaling) => scaling.Kind == RopeScalingKind.Llama3
        ? FormattableString.Invariant($"llama3 × {scaling.Factor}, as the factors of {FrequencyFactors.TensorName}")
        : FormattableString.Invariant($"{scaling.Kind.ToString().ToLowerInvariant()} × {scaling.Factor}");

    private static string Token(GgufVocabulary vocabulary, int? id) => id is { } token ? $"{vocabulary.Tokens[token]} ({token})" : "none";

    private static string Flag(bool value) => value ? "true" : "false";

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.00} MB");

    private static string Few<T>(IEnumerable<T> items)
    {
        const int Shown = 8;
        List<T> first = [.. items.Take(Shown + 1)];
        return string.Join(", ", first.Take(Shown)) + (first.Count > Shown ? ", …" : "");
    }
}
