using System.Text.Json.Nodes;
using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Tests.Formats;

namespace Reasoning.Models.Tests.Gguf;

/// <summary>
/// Small models of all families, and the starter in every type, exported and asked about in one process of llama.cpp.
/// </summary>
public sealed class LlamaCppRun : IDisposable
{
    internal const int Greedy = 32;
    private static readonly GgufTensorType[] s_types = [GgufTensorType.F32, GgufTensorType.Q8_0, GgufTensorType.Q4_K];
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<Dictionary<string, LlamaCppCase>> _cases;

    public LlamaCppRun() => _cases = new(Run);

    internal static string Starter => Repository.Path("checkpoints/starter");

    internal LlamaCppCase this[string form] => _cases.Value[form];

    internal static IReadOnlyList<string> Forms { get; } =
        ["llama", "llama-tied-llama3", "llama-linear", "mistral", "qwen2", "qwen3", "qwen3-untied-yarn", "gemma3_text", "starter"];

    public void Dispose() => _folder.Dispose();

    /// <summary>What is asked about one file.</summary>
    internal static JsonObject Request(GgufReport report, LlamaCppCase asked)
    {
        bool isExact = report.Type == GgufTensorType.F32;
        return LlamaCpp.Request(
            report.File, texts: isExact ? asked.Texts : null, scores: [asked.Scored], ends: asked.Stops,
            greedy: asked.Scored, count: isExact ? Greedy : 0);
    }

    private static ModelConfig Config(string form)
    {
        ModelConfig config = GgufModels.Config(form.Split('-')[0]);
        return form switch
        {
            "llama-tied-llama3" => config with
            {
                TieWordEmbeddings = true,
                BosId = 1,
                Scaling = new RopeScaling(RopeScalingKind.Llama3, 8) { OriginalMaxPositions = 32, HighFreqFactor = 4 },
            },
            "llama-linear" => config with { Scaling = new RopeScaling(RopeScalingKind.Linear, 2) { OriginalMaxPositions = 128 }, BosId = 1 },
            "qwen3-untied-yarn" => config with
            {
                TieWordEmbeddings = false,
                Scaling = new RopeScaling(RopeScalingKind.Yarn, 4) { OriginalMaxPositions = 64 },
            },
            "llama" => config with { BosId = 1 },
            _ => config,
        };
    }

    private Dictionary<string, LlamaCppCase> Run()
    {
        Dictionary<string, LlamaCppCase> cases = Forms.ToDictionary(form => form, form =>
            form is "starter"
                ? new LlamaCppCase(Starter, _folder.File(form + ".gguf"))
                : new LlamaCppCase(Write(form), _folder.File(form + ".gguf"), s_types));
        List<(LlamaCppCase Case, GgufReport Report)> files = [.. cases.Values.SelectMany(c => c.Reports.Select(report => (c, report)))];
        List<LlamaAnswer> answers = LlamaCpp.Ask(files.Select(file => Request(file.Report, file.Case)));
        foreach (((LlamaCppCase asked, GgufReport report), LlamaAnswer answer) in files.Zip(answers)) asked.Answers[report.Type] = answer;
        return cases;
    }

    private string Write(string form)
    {
        string? bos = form.StartsWith("llama", StringComparison.Ordinal) ? "<|user|>" : null;
        string tokenizer = TinyTokenizers.Trained(GgufModels.Vocabulary, bos);
        string bosField = bos is null ? "" : $""","bos_token":"{bos}" """;
        return GgufModels.Write(_folder, Config(form), tokenizer, $$"""{"eos_token":"<|endoftext|>"{{bosField}}}""", form);
    }
}
