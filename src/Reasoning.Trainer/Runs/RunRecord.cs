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
    private const int CurrentFormat = 1;

    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
    };

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

    /// <summary>Reads the record of a run.</summary>
    /// <exception cref="UserErrorException">It is damaged or of a later version.</exception>
    public static RunRecord Read(RunFolder run)
    {
        var record = JsonRecord.Read<RunRecord>(run.RecordFile, s_json, "a record of a run");
        if (record.Settings.FirstOrDefault(pair => pair.Value is null).Key is { } empty)
            throw new UserErrorException($"{run.RecordFile}: not a record of a run: setting '{empty}' is null");
        return record.Format <= CurrentFormat
            ? record
            : throw new UserErrorException($"{run.RecordFile}: format {record.Format}; this program knows formats up to {CurrentFormat}");
    }

    /// <summary>The settings as they are written down.</summary>
    public static IReadOnlyDictionary<string, RecordedSetting> Record(EffectiveRecipe recipe) =>
        Setting.All.ToDictionary(
            setting => setting.Name, setting => new RecordedSetting(setting.Text(recipe.Recipe), recipe.Origins[setting.Name]));

    /// <summary>Writes the record; an earlier one is replaced in one step.</summary>
    public void Write(RunFolder run) =>
        Durable.Write(run.RecordFile, file => File.WriteAllBytes(file, [.. JsonSerializer.SerializeToUtf8Bytes(this, s_json), (byte)'\n']));

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
}

/// <summary>A setting of a run.</summary>
/// <param name="Value">As it would be written in a recipe.</param>
/// <param name="Origin">Where it came from.</param>
internal sealed record RecordedSetting(string Value, string Origin);

/// <summary>A file or folder that a run reads.</summary>
/// <param name="Path">Where it was.</param>
/// <param name="Hash">Identifies its content.</param>
/// <param name="Count">Number of prompts; null for a model.</param>
internal sealed record RecordedFile(string Path, string Hash, int? Count = null);
