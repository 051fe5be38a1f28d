using Reasoning.Models.Chat;
using Reasoning.Models.Generation;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Import;
using Reasoning.Models.Modeling;
using Reasoning.Models.Prompts;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Policies;

/// <summary>A model that answers prompts: weights, tokenizer, the tokens that end an answer, and the template around a problem.</summary>
public sealed class Policy : IDisposable
{
    private readonly IReadOnlyDictionary<string, byte[]> _sideFiles;

    /// <summary>Puts a policy together.</summary>
    /// <param name="model">Belongs to the policy from here on.</param>
    /// <param name="tokenizer">Every id of it is a row of the model's embedding.</param>
    /// <param name="stops">Tokens that end an answer.</param>
    /// <param name="promptTemplate">Text with <c>{prompt}</c> where the problem goes; null for the default.</param>
    /// <exception cref="UserErrorException">The parts do not fit each other.</exception>
    public Policy(CausalLM model, Tokenizer tokenizer, IReadOnlyList<StopToken> stops, string? promptTemplate = null)
        : this(
            model,
            new PolicyCodec(
                model.Config, tokenizer, stops,
                PromptFormat.Create(tokenizer, new PromptSettings { Template = promptTemplate ?? TemplateFile.Default }, null, null, "The policy"),
                "The policy"),
            null)
    {
    }

    private Policy(CausalLM model, PolicyCodec codec, IReadOnlyDictionary<string, byte[]>? sideFiles)
    {
        Model = model;
        Codec = codec;
        Source = Generator = new Generator(model, [.. codec.Stops.Select(stop => stop.Id)]);
        _sideFiles = sideFiles ?? new Dictionary<string, byte[]>();
    }

    /// <summary>The model.</summary>
    public CausalLM Model { get; }

    /// <summary>Everything but the weights.</summary>
    public PolicyCodec Codec { get; }

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer => Codec.Tokenizer;

    /// <summary>The tokens that end an answer, each with the files that name it; where this is empty, only the token limit does.</summary>
    public IReadOnlyList<StopToken> Stops => Codec.Stops;

    /// <summary>From a problem to ids.</summary>
    public PromptFormat Format => Codec.Format;

    /// <summary>Text with <c>{prompt}</c> where the problem goes.</summary>
    public string PromptTemplate => Format.Template;

    /// <summary>Samples from <see cref="Model"/> until one of <see cref="Stops"/>.</summary>
    public Generator Generator { get; }

    /// <summary>What is asked for answers in training and evaluation: <see cref="Generator"/>, or what divides its work with others.</summary>
    public IRolloutSource Source { get; set; }

    /// <summary>Reads a Hugging Face checkpoint folder or a GGUF file; a folder's prompt template comes from <c>reasoning.json</c> if that exists.</summary>
    /// <param name="folder">Folder or file.</param>
    /// <param name="style">How problems become input; null for what the checkpoint says.</param>
    /// <param name="cancel">Looked at before each tensor.</param>
    /// <exception cref="UserErrorException">A file is missing or malformed, or tokenizer and weights do not fit; the message names it.</exception>
    public static Policy Load(string folder, PromptStyle? style = null, CancellationToken cancel = default)
    {
        if (GgufReader.IsGguf(folder)) return LoadGguf(folder, style, cancel);
        PolicyCodec codec = PolicyCodec.LoadFolder(folder, style);
        IReadOnlyDictionary<string, byte[]> sideFiles = SideFiles.Read(folder);
        return new Policy(CausalLM.Load(folder, cancel), codec, sideFiles);
    }

    /// <summary>The ids of a prompt, by <see cref="Format"/>.</summary>
    /// <exception cref="UserErrorException">
    /// The beginning-of-sequence token occurs twice, because template or problem spell what is written already; or the chat template
    /// refuses the problem.
    /// </exception>
    public int[] Render(Prompt prompt) => Codec.Render(prompt);

    /// <summary>A request for samples of a prompt.</summary>
    public GenerationRequest Request(Prompt prompt, int samples, int firstSample = 0) =>
        new(prompt.Id, Render(prompt), samples, firstSample);

    /// <summary>Whether the rendered prompt and an answer of <paramref name="maxNewTokens"/> fit into the model's positions.</summary>
    public bool Fits(Prompt prompt, int maxNewTokens) => Render(prompt).Length + (long)maxNewTokens <= Model.Config.MaxPositions;

    /// <summary>The text of an answer, without special tokens: a view for people and answer parsers, never for training.</summary>
    public string Text(Rollout rollout) => Codec.Text(rollout);

    /// <summary>Writes a complete checkpoint folder, replacing an earlier one in a single step.</summary>
    /// <param name="folder">See <see cref="CheckpointFolder.Write"/>.</param>
    /// <param name="dtype">Type of the weights.</param>
    /// <param name="card">What the README.md says; null for none.</param>
    /// <exception cref="UserErrorException">The place cannot be written.</exception>
    public void Save(string folder, SafeTensorsDType dtype = SafeTensorsDType.F32, ModelCard? card = null) =>
        CheckpointFolder.Write(
            folder,
            temporary =>
            {
                WriteTo(temporary, dtype);
                card?.Write(temporary);
            },
            Model.Cancellation);

    /// <summary>
    /// Writes the files of the checkpoint into an existing folder: config, weights, prompt template, and, as they were read, all files of
    /// the tokenizer, the generation config and the license.
    /// </summary>
    /// <param name="folder">Exists.</param>
    /// <param name="dtype">Type of the weights.</param>
    /// <param name="shardBytes">Weights that exceed this are split into several files with an index.</param>
    public void WriteTo(string folder, SafeTensorsDType dtype, long shardBytes = CheckpointWriter.DefaultShardBytes)
    {
        Model.Save(folder, dtype, shardBytes);
        Tokenizer.CopyTo(folder);
        SideFiles.Write(_sideFiles, folder);
        WriteIfMissing(PolicyFiles.TokenizerConfig, () => PolicyFiles.NewTokenizerConfig(Model.Config, Tokenizer));
        WriteIfMissing(PolicyFiles.GenerationConfig, () => PolicyFiles.NewGenerationConfig(Model.Config, Stops));
        Format.Save(folder);

        void WriteIfMissing(string name, Func<byte[]> content)
        {
            string file = Path.Combine(folder, name);
            if (!File.Exists(file)) File.WriteAllBytes(file, content());
        }
    }

    public void Dispose() => Model.Dispose();

    private static Policy LoadGguf(string file, PromptStyle? style, CancellationToken cancel)
    {
        using GgufReader reader = GgufReader.Open(file);
        PolicyCodec codec = PolicyCodec.LoadGguf(reader, style);
        return new Policy(GgufImport.Model(reader, codec.Config, cancel), codec, null);
    }
}
