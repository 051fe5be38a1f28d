namespace Reasoning.Models;

/// <summary>A model that answers prompts: weights, tokenizer, the tokens that end an answer, and the template around a problem.</summary>
public sealed class Policy : IDisposable
{
    private readonly byte[]? _generationConfig;

    /// <summary>Puts a policy together.</summary>
    /// <param name="model">Belongs to the policy from here on.</param>
    /// <param name="tokenizer">Every id of it is a row of the model's embedding.</param>
    /// <param name="stops">Tokens that end an answer.</param>
    /// <param name="promptTemplate">Text with <c>{prompt}</c> where the problem goes; null for the default.</param>
    /// <exception cref="UserErrorException">The parts do not fit each other.</exception>
    public Policy(CausalLM model, Tokenizer tokenizer, IReadOnlyList<StopToken> stops, string? promptTemplate = null)
        : this(model, tokenizer, stops, promptTemplate ?? TemplateFile.Default, "The policy", null)
    {
    }

    private Policy(
        CausalLM model, Tokenizer tokenizer, IReadOnlyList<StopToken> stops, string promptTemplate, string where, byte[]? generationConfig)
    {
        CheckVocabulary(where, model.Config, tokenizer);
        foreach (StopToken stop in stops)
        {
            if ((uint)stop.Id >= (uint)model.Config.VocabSize)
            {
                throw new UserErrorException(
                    $"{where}: stop id {stop.Id} ({string.Join(", ", stop.Sources)}) is outside the model's embedding of {model.Config.VocabSize} rows.");
            }
        }

        Model = model;
        Tokenizer = tokenizer;
        Stops = stops;
        PromptTemplate = TemplateFile.Check(promptTemplate, "The prompt template");
        Generator = new Generator(model, [.. stops.Select(stop => stop.Id)]);
        _generationConfig = generationConfig;
    }

    /// <summary>The model.</summary>
    public CausalLM Model { get; }

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The tokens that end an answer, each with the files that name it; where this is empty, only the token limit does.</summary>
    public IReadOnlyList<StopToken> Stops { get; }

    /// <summary>Text with <c>{prompt}</c> where the problem goes.</summary>
    public string PromptTemplate { get; }

    /// <summary>Samples from <see cref="Model"/> until one of <see cref="Stops"/>.</summary>
    public Generator Generator { get; }

    /// <summary>Reads a Hugging Face checkpoint folder; the prompt template comes from <c>reasoning.json</c> if that exists.</summary>
    /// <exception cref="UserErrorException">A file is missing or malformed, or tokenizer and weights do not fit; the message names it.</exception>
    public static Policy Load(string folder)
    {
        ModelConfig config = ModelConfig.Load(folder);
        Tokenizer tokenizer = Tokenizer.Load(folder);
        CheckVocabulary(folder, config, tokenizer);
        IReadOnlyList<StopToken> stops = GenerationDefaults.Load(folder).StopTokens(tokenizer);
        string template = TemplateFile.Load(folder);
        string generationFile = Path.Combine(folder, PolicyFiles.GenerationConfig);
        byte[]? generationConfig = File.Exists(generationFile) ? JsonFile.ReadBytes(generationFile) : null;

        CausalLM model = CausalLM.Load(folder);
        try
        {
            return new Policy(model, tokenizer, stops, template, folder, generationConfig);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The ids of a prompt: what the tokenizer puts before every text, then the template with the problem in it.</summary>
    /// <exception cref="UserErrorException">
    /// The beginning-of-sequence token occurs twice, because template or problem spell what the tokenizer adds already.
    /// </exception>
    public int[] Render(Prompt prompt)
    {
        string text = TemplateFile.Render(PromptTemplate, prompt.Text);
        int[] ids = [.. Tokenizer.Prefix, .. Tokenizer.Encode(text, addSpecialTokens: false)];
        if (Tokenizer.BosId is { } bos && ids.Count(id => id == bos) > 1)
        {
            throw new UserErrorException(
                $"Prompt {prompt.Id} begins its sequence twice: remove {Tokenizer.IdToToken(bos)} from the prompt template and the problem, "
                + "the tokenizer adds it.");
        }

        return ids;
    }

    /// <summary>A request for samples of a prompt.</summary>
    public GenerationRequest Request(Prompt prompt, int samples, int firstSample = 0) =>
        new(prompt.Id, Render(prompt), samples, firstSample);

    /// <summary>Whether the rendered prompt and an answer of <paramref name="maxNewTokens"/> fit into the model's positions.</summary>
    public bool Fits(Prompt prompt, int maxNewTokens) => Render(prompt).Length + (long)maxNewTokens <= Model.Config.MaxPositions;

    /// <summary>The text of an answer, without special tokens: a view for people and answer parsers, never for training.</summary>
    public string Text(Rollout rollout) => Tokenizer.Decode(rollout.Ids);

    /// <summary>Writes a complete checkpoint folder, replacing an earlier one in a single step.</summary>
    /// <exception cref="UserErrorException">The place cannot be written.</exception>
    public void Save(string folder, SafeTensorsDType dtype = SafeTensorsDType.F32) =>
        CheckpointFolder.Write(folder, temporary => WriteTo(temporary, dtype));

    /// <summary>
    /// Writes the files of the checkpoint into an existing folder: config, weights, tokenizer as it was read, generation config,
    /// prompt template.
    /// </summary>
    public void WriteTo(string folder, SafeTensorsDType dtype)
    {
        Model.Save(folder, dtype);
        Tokenizer.CopyTo(folder);
        string tokenizerFile = Path.Combine(folder, PolicyFiles.TokenizerConfig);
        if (!File.Exists(tokenizerFile))
            File.WriteAllBytes(tokenizerFile, PolicyFiles.NewTokenizerConfig(Model.Config, Tokenizer));
        File.WriteAllBytes(
            Path.Combine(folder, PolicyFiles.GenerationConfig), _generationConfig ?? PolicyFiles.NewGenerationConfig(Model.Config, Stops));
        TemplateFile.Save(folder, PromptTemplate);
    }

    public void Dispose() => Model.Dispose();

    private static void CheckVocabulary(string where, ModelConfig config, Tokenizer tokenizer)
    {
        if (tokenizer.VocabSize > config.VocabSize)
        {
            throw new UserErrorException(
                $"{where}: the tokenizer has ids up to {tokenizer.VocabSize - 1}, the model's embedding only {config.VocabSize} rows; "
                + "they do not belong together.");
        }
    }
}
