using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.Config;

/// <summary>
/// The shape of a decoder-only language model, as Hugging Face's config.json gives it for the families Llama, Mistral, Qwen2, Qwen3 and
/// Gemma 3.
/// </summary>
public sealed record ModelConfig
{
    /// <summary>The family: <c>llama</c>, <c>mistral</c>, <c>qwen2</c>, <c>qwen3</c> or <c>gemma3_text</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width inside the feed-forward block.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Number of key and value heads, a divisor of <see cref="Heads"/>, which is the default.</summary>
    public int KeyValueHeads
    {
        get => field > 0 ? field : Heads;
        init;
    }

    /// <summary>Width of one head, even; by default the hidden size divided by the number of heads.</summary>
    public int HeadDim
    {
        get => field > 0 ? field : HiddenSize / Heads;
        init;
    }

    /// <summary>Rows of the embedding and of the output head.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Longest sequence, in tokens.</summary>
    public int MaxPositions { get; init; } = 2048;

    /// <summary>Added to the mean square under the root in each RMS norm.</summary>
    public double RmsNormEps { get; init; } = 1e-6;

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>Stretching of the rotary frequencies, or null.</summary>
    public RopeScaling? Scaling { get; init; }

    /// <summary>Whether the output head is the embedding matrix.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>Tokens that a sliding layer attends to, itself included; null where no layer slides.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>For each layer, whether it slides; empty where all do (Mistral) or none does.</summary>
    public bool[] SlidingLayers { get; init; } = [];

    /// <summary>Base of the rotary frequencies of sliding layers, which are never stretched; null where they use those of the others.</summary>
    public double? LocalRopeTheta { get; init; }

    /// <summary>Scores of attention are divided by the root of this (Gemma 3); null stands for <see cref="HeadDim"/>.</summary>
    public double? QueryScalar { get; init; }

    /// <summary>Factor on the scores of attention.</summary>
    internal double AttentionScale => 1 / Math.Sqrt(QueryScalar ?? HeadDim);

    /// <summary>How the family computes.</summary>
    internal ModelFamily Family => ModelFamily.Find(ModelType)!;

    /// <summary>Factor on the embeddings before the first layer.</summary>
    internal double EmbeddingScale => Family.ScalesEmbeddings ? Math.Sqrt(HiddenSize) : 1;

    /// <summary>Id of the token at the beginning of a sequence, if the model has one.</summary>
    public int? BosId { get; init; }

    /// <summary>Ids of the tokens that end a sequence; may be empty.</summary>
    public int[] EosIds { get; init; } = [];

    /// <summary>Type of the weights on disk: <c>float32</c>, <c>bfloat16</c> or <c>float16</c>.</summary>
    public string Dtype { get; init; } = "float32";

    /// <summary>Fields of config.json that this program does not know; they have no effect.</summary>
    public string[] UnknownFields { get; init; } = [];

    /// <summary>The file this was read from, verbatim; <see cref="ToJson"/> keeps the fields of it that are not modelled here.</summary>
    internal string? OriginalJson { get; init; }

    /// <summary>Whether a layer attends to the last <see cref="SlidingWindow"/> tokens only.</summary>
    internal bool IsSliding(int layer) => SlidingLayers.Length > 0 ? SlidingLayers[layer] : SlidingWindow is not null;

    /// <summary>Tokens that a layer attends to, itself included; null where that is every earlier token of any possible sequence.</summary>
    public int? Window(int layer) => IsSliding(layer) && SlidingWindow < MaxPositions ? SlidingWindow : null;

    /// <summary>Reads <c>config.json</c> in <paramref name="folder"/>.</summary>
    /// <exception cref="UserErrorException">
    /// The file is missing or malformed, the family is unknown, a value is out of range or contradicts another, or a feature is used
    /// that would change the results and is not implemented. The message names file and field.
    /// </exception>
    public static ModelConfig Load(string folder)
    {
        string file = Path.Combine(folder, "config.json");
        if (!Directory.Exists(folder)) throw new UserErrorException($"{folder}: no such folder; expected a Hugging Face checkpoint folder");
        if (!File.Exists(file) && BaseOfAdapter(folder) is { } adapted)
            throw new UserErrorException($"{folder}: is an adapter of PEFT for {adapted}, not a model; merge it into that model, and name the result");
        if (!File.Exists(file)) throw new UserErrorException($"{file}: no such file; expected a Hugging Face checkpoint folder");
        return ModelConfigReader.Read(JsonFile.ReadBytes(file), file);
    }

    /// <summary>Reads the text of a config.json; <paramref name="file"/> names it in messages.</summary>
    /// <exception cref="UserErrorException">As <see cref="Load"/>.</exception>
    public static ModelConfig Parse(string json, string file = "config.json")
        => ModelConfigReader.Read(System.Text.Encoding.UTF8.GetBytes(json), file);

    /// <summary>Checks that the numbers are in range and fit each other.</summary>
    /// <param name="file">Name of the source in messages.</param>
    /// <exception cref="UserErrorException">They do not; the message names the fields and their values.</exception>
    public void Validate(string file = "config.json") => ModelConfigReader.Check(this, file);

    /// <summary>The text of a config.json that Hugging Face transformers loads; deterministic, ends with a line feed.</summary>
    public string ToJson() => ModelConfigWriter.Write(this);

    /// <summary>Writes <c>config.json</c> into <paramref name="folder"/>.</summary>
    public void Save(string folder) => File.WriteAllText(Path.Combine(folder, "config.json"), ToJson());

    // The model that an adapter in the files of PEFT belongs to; null where there is no such file.
    private static string? BaseOfAdapter(string folder)
    {
        string file = Path.Combine(folder, "adapter_config.json");
        if (!File.Exists(file)) return null;
        using JsonDocument document = JsonFile.LoadObject(file);
        return new JsonFields(file, document.RootElement).OptionalString("base_model_name_or_path") ?? "a model without a name";
    }
}
