using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reasoning.Models.Files;

namespace Reasoning.Models.Prompts;

/// <summary>
/// A file of prompts: a JSON array of objects, JSON lines with one object each, or Parquet with one row each. There is <c>prompt</c> (or
/// <c>problem</c>, or <c>question</c>): a text, or a chat, a list of messages with <c>role</c> and <c>content</c> of which the last one of
/// the user is the prompt; optionally <c>answer</c> (text or number, blank means none; without it <c>reward_model.ground_truth</c>, as
/// verl writes it); optionally <c>id</c> (default: the position in the file, from 0). Other fields are ignored.
/// </summary>
public sealed class PromptSet
{
    private static readonly JsonSerializerOptions s_line = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>A set made in memory; <paramref name="path"/> names it in messages.</summary>
    /// <exception cref="UserErrorException">The set is empty, an id occurs twice, or a text is blank.</exception>
    public PromptSet(string path, IEnumerable<Prompt> prompts)
    {
        Path = path;
        Prompts = [.. prompts];
        if (Prompts.Count == 0) throw new UserErrorException($"{path}: no prompts in it");
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (Prompt prompt in Prompts)
        {
            if (string.IsNullOrWhiteSpace(prompt.Text)) throw new UserErrorException($"{path}: prompt '{prompt.Id}' is empty");
            if (!ids.Add(prompt.Id)) throw new UserErrorException($"{path}: id '{prompt.Id}' occurs twice");
        }
        Hash = ComputeHash(Prompts, withAnswers: true);
    }

    /// <summary>Where the prompts came from.</summary>
    public string Path { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<Prompt> Prompts { get; }

    /// <summary>32 hexadecimal digits that depend on ids, texts and gold answers, in order, and on nothing else.</summary>
    public string Hash { get; }

    /// <summary>As <see cref="Hash"/>, without the answers: what earlier versions of the program wrote down.</summary>
    public string TextHash => ComputeHash(Prompts, withAnswers: false);

    /// <summary>What a person should know about how the file was read, one sentence each; to be shown once.</summary>
    public IReadOnlyList<string> Notices { get; private init; } = [];

    /// <summary>Reads a file of prompts.</summary>
    /// <exception cref="UserErrorException">
    /// The file cannot be read or is not a set of prompts; the message names file and line, or row and column.
    /// </exception>
    public static PromptSet Load(string file)
    {
        using FileStream stream = RegularFile.Open(file);
        PromptList list = ParquetPrompts.IsParquet(stream)
            ? ParquetPrompts.Read(stream, file)
            : PromptReader.Read(JsonFile.ReadBytes(file, FileLimits.Document), file);
        return new PromptSet(file, list.Prompts) { Notices = list.Notices };
    }

    /// <summary>Writes prompts as JSON lines in UTF-8, each with id, prompt and, where there is one, answer.</summary>
    public static void Write(string file, IEnumerable<Prompt> prompts)
    {
        using FileStream stream = RegularFile.Open(file, FileMode.Create, FileAccess.Write);
        foreach (Prompt prompt in prompts)
        {
            JsonSerializer.Serialize(stream, new { id = prompt.Id, prompt = prompt.Text, answer = prompt.Answer }, s_line);
            stream.WriteByte((byte)'\n');
        }
    }

    // Lengths go into the hash before each text, so that no two different lists run together to the same bytes; -1 is no answer.
    private static string ComputeHash(IReadOnlyList<Prompt> prompts, bool withAnswers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Prompt prompt in prompts)
        {
            Append(prompt.Id);
            Append(prompt.Text);
            if (withAnswers) Append(prompt.Answer);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));

        void Append(string? text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text ?? "");
            hash.AppendData(BitConverter.GetBytes(text is null ? -1 : bytes.Length));
            hash.AppendData(bytes);
        }
    }
}

/// <summary>One problem to be answered.</summary>
/// <param name="Id">Unique within its set.</param>
/// <param name="Text">The problem, as it enters the prompt template.</param>
/// <param name="Answer">The gold answer, or null. It is for evaluation; label-free training never reads it.</param>
public sealed record Prompt(string Id, string Text, string? Answer = null);
