using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reasoning.Models;
using Reasoning.Models.Files;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Runs;

/// <summary>What was asked of a run: enough to repeat it, and to refuse to go on with something else.</summary>
internal sealed record RunRecord
{
    private const int CurrentFormat = 2;
    private const string NoHash = "0000000000000000000000000000000000000000000000000000000000000000";

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
    };

    /// <summary>
    /// Version of this record; a reader refuses later ones. Format 1 had no <see cref="Sha256"/>, its hashes of prompts left out the
    /// answers, and that of the model the chat template.
    /// </summary>
    public int Format { get; init; } = CurrentFormat;

    /// <summary>Name of the recipe the settings started from.</summary>
    public required string Recipe { get; init; }

    /// <summary>Every setting with its origin, by name.</summary>
    public required IReadOnlyDictionary<string, RecordedSetting> Settings { get; init; }

    /// <summary>The start model.</summary>
    public required RecordedFile Model { get; init; }

    /// <summary>Prompts the run adapts to.</summary>
    public required RecordedFile Prompts { get; init; }

    /// <summary>Prompts of the same kind that are never adapted to.</summary>
    public RecordedFile? Heldout { get; init; }

    /// <summary>Prompts the start model was made for.</summary>
    public RecordedFile? Source { get; init; }

    /// <summary>Ids of prompts that are too long for the model.</summary>
    public IReadOnlyList<string> Refused { get; init; } = [];

    public Machine Machine { get; init; } = new();

    /// <summary>When the run was started, and each time it was taken up again.</summary>
    public IReadOnlyList<DateTimeOffset> Started { get; init; } = [];

    /// <summary>Of the file itself, with zeros in this place: a record that was damaged or edited would change what is trained.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Reads the record of a run.</summary>
    /// <exception cref="UserErrorException">It is damaged or of a later version.</exception>
    public static RunRecord Read(RunFolder run)
    {
        byte[] bytes = RegularFile.ReadAllBytes(run.RecordFile, FileLimits.Document);
        var record = JsonRecord.Parse<RunRecord>(bytes, run.RecordFile, s_json, "a record of a run");
        if (record.Settings.FirstOrDefault(pair => pair.Value is null).Key is { } empty)
            throw new UserErrorException($"{run.RecordFile}: not a record of a run: setting '{empty}' is null");
        if (record.Format > CurrentFormat)
            throw new UserErrorException($"{run.RecordFile}: format {record.Format}; this program knows formats up to {CurrentFormat}");
        bool isHashed = record.Format > 1 || record.Sha256 is not null;
        if (isHashed && (record.Sha256?.Length != NoHash.Length || Hash(bytes, record.Sha256) != record.Sha256))
            throw new UserErrorException(
                $"{run.RecordFile}: is not as it was written (SHA-256); put it back, and change settings on the command line only");
        return record;
    }

    /// <summary>The settings as they are written down.</summary>
    public static IReadOnlyDictionary<string, RecordedSetting> Record(EffectiveRecipe recipe) =>
        Setting.All.ToDictionary(
            setting => setting.Name, setting => new RecordedSetting(setting.Text(recipe.Recipe), recipe.Origins[setting.Name]));

    /// <summary>Writes the record; an earlier one is replaced in one step.</summary>
    public void Write(RunFolder run)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(this with { Sha256 = NoHash }, s_json), (byte)'\n'];
        string hash = Hash(bytes, NoHash);
        Encoding.UTF8.GetBytes(hash, bytes.AsSpan(bytes.AsSpan().LastIndexOf(Encoding.UTF8.GetBytes(NoHash))));
        Durable.Write(run.RecordFile, file => File.WriteAllBytes(file, bytes));
    }

    /// <summary>The settings again.</summary>
    public EffectiveRecipe Effective(RunFolder run)
    {
        var recipe = new Recipe();
        foreach ((string name, RecordedSetting setting) in Settings)
            recipe = Setting.Find(name, run.RecordFile).Put(recipe, setting.Value, run.RecordFile);
        return new EffectiveRecipe(
            Recipe, recipe, Setting.All.ToDictionary(
                s => s.Name, s => Settings.TryGetValue(s.Name, out RecordedSetting? kept) ? kept.Origin : EffectiveRecipe.FromDefault));
    }

    // Of the file with zeros where the hash stands, which is its last occurrence.
    private static string Hash(ReadOnlySpan<byte> file, string hash)
    {
        byte[] bytes = [.. file];
        byte[] place = Encoding.UTF8.GetBytes(hash);
        int at = bytes.AsSpan().LastIndexOf(place);
        if (at >= 0 && place.Length == NoHash.Length) Encoding.UTF8.GetBytes(NoHash, bytes.AsSpan(at));
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}

/// <summary>A setting of a run.</summary>
/// <param name="Value">As it would be written in a recipe.</param>
/// <param name="Origin">Where it came from.</param>
internal sealed record RecordedSetting(string Value, string Origin);

/// <summary>A file or folder that a run reads.</summary>
/// <param name="Path">Where it was.</param>
/// <param name="Hash">Identifies its content.</param>
/// <param name="Count">Number of prompts; null for a model.</param>
internal sealed record RecordedFile(string Path, string Hash, int? Count = null)
{
    /// <summary>Of prompts, what <see cref="Hash"/> was in format 1; not written.</summary>
    [JsonIgnore]
    public string? TextHash { get; init; }
}
