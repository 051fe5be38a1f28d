using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Generation;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Import;
using Reasoning.Models.Gguf.Vocabulary;
using Reasoning.Models.Prompts;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Policies;

/// <summary>A policy without its weights: from a problem to ids, from an answer's ids to text, and where an answer ends.</summary>
public sealed class PolicyCodec
{
    internal PolicyCodec(ModelConfig config, Tokenizer tokenizer, IReadOnlyList<StopToken> stops, PromptFormat format, string where)
    {
        CheckVocabulary(where, config, tokenizer);
        stops = format.WithTurnEnd(stops);
        foreach (StopToken stop in stops)
        {
            if ((uint)stop.Id >= (uint)config.VocabSize)
            {
                throw new UserErrorException(
                    $"{where}: stop id {stop.Id} ({string.Join(", ", stop.Sources)}) is outside the model's embedding of {config.VocabSize} rows.");
            }
        }

        (Config, Tokenizer, Stops, Format) = (config, tokenizer, stops, format);
    }

    /// <summary>The shape of the model.</summary>
    public ModelConfig Config { get; }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The tokens that end an answer, each with the files that name it; where this is empty, only the token limit does.</summary>
    public IReadOnlyList<StopToken> Stops { get; }

    /// <summary>From a problem to ids.</summary>
    public PromptFormat Format { get; }

    /// <summary>Reads what a checkpoint folder or a GGUF file says, without its weights, which need not be there.</summary>
    /// <param name="model">Folder or file.</param>
    /// <param name="style">How problems become input; null for what the model says.</param>
    /// <exception cref="UserErrorException">A file is missing or damaged, or of a kind that is not supported, or the parts do not fit each other.</exception>
    public static PolicyCodec Load(string model, PromptStyle? style = null) =>
        GgufReader.IsGguf(model) ? LoadGguf(model, style) : LoadFolder(model, style);

    /// <summary>Reads what a GGUF file says, without its weights.</summary>
    /// <param name="file">The file.</param>
    /// <param name="style">How problems become input; null for what the file says.</param>
    /// <exception cref="UserErrorException">The file is damaged, of a kind that is not supported, or its parts do not fit each other.</exception>
    public static PolicyCodec LoadGguf(string file, PromptStyle? style = null)
    {
        using GgufReader reader = GgufReader.Open(file);
        return LoadGguf(reader, style);
    }

    /// <summary>The ids of a prompt, by <see cref="Format"/>.</summary>
    /// <exception cref="UserErrorException">
    /// The beginning-of-sequence token occurs twice, because template or problem spell what is written already; or the chat template
    /// refuses the problem.
    /// </exception>
    public int[] Render(Prompt prompt) => Format.Render(prompt);

    /// <summary>The text of an answer, without special tokens: a view for people and answer parsers, never for training.</summary>
    public string Text(Rollout rollout) => Tokenizer.Decode(rollout.Ids);

    internal static PolicyCodec LoadFolder(string folder, PromptStyle? style)
    {
        ModelConfig config = ModelConfig.Load(folder);
        Tokenizer tokenizer = Tokenizer.Load(folder);
        CheckVocabulary(folder, config, tokenizer);
        IReadOnlyList<StopToken> stops = GenerationDefaults.Load(folder).StopTokens(tokenizer);
        return new PolicyCodec(config, tokenizer, stops, PromptFormat.Load(folder, tokenizer, style), folder);
    }

    // Files of this program keep the prompt template, too; in others it is the default.
    internal static PolicyCodec LoadGguf(GgufReader reader, PromptStyle? style)
    {
        GgufVocabulary vocabulary = GgufVocabulary.Read(reader.Metadata);
        ModelConfig config = ArchitectureMetadata.Read(reader, vocabulary);
        Tokenizer tokenizer = GgufImport.Tokenizer(reader, vocabulary, config.MaxPositions);
        PromptFormat format = GgufChat.Format(reader, tokenizer, style);
        return new PolicyCodec(config, tokenizer, GgufImport.Stops(reader, vocabulary), format, reader.File);
    }

    internal static void CheckVocabulary(string where, ModelConfig config, Tokenizer tokenizer)
    {
        if (tokenizer.VocabSize > config.VocabSize)
        {
            throw new UserErrorException(
                $"{where}: the tokenizer has ids up to {tokenizer.VocabSize - 1}, the model's embedding only {config.VocabSize} rows; "
                + "they do not belong together.");
        }
    }
}
