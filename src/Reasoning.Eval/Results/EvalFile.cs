using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reasoning.Eval.Statistics;
using Reasoning.Models;
using Reasoning.Models.Files;

namespace Reasoning.Eval.Results;

/// <summary>Stores evaluations as JSON.</summary>
public static class EvalFile
{
    private const int CurrentVersion = 1;

    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = false,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        IgnoreReadOnlyProperties = true,
        RespectNullableAnnotations = true,
    };

    /// <summary>The result as JSON.</summary>
    public static string ToJson(EvalResult result) => JsonSerializer.Serialize(result, s_options);

    /// <summary>Writes a result; an existing file is replaced only once the new one is complete.</summary>
    /// <exception cref="UserErrorException">The file cannot be written.</exception>
    public static void Write(string file, EvalResult result) =>
        Durable.Write(file, temporary => File.WriteAllText(temporary, ToJson(result) + "\n"));

    /// <summary>Reads a result.</summary>
    /// <exception cref="UserErrorException">The file cannot be read or is no evaluation of a known version.</exception>
    public static EvalResult Read(string file)
    {
        var result = JsonRecord.Read<EvalResult>(file, s_options, "a readable evaluation");
        if (result.Version != CurrentVersion)
            throw new UserErrorException($"{file}: version {result.Version} of an evaluation; this build reads version {CurrentVersion}");
        return IsWhole(result) ? result : throw new UserErrorException($"{file}: not a readable evaluation: samples, classes and marks do not fit together");
    }

    // That numbers can be worked out from it.
    private static bool IsWhole(EvalResult result)
    {
        int samples = result.Settings.Samples;
        return samples is >= 1 and <= MajAtK.MaxSamples && result.Settings.Ks.All(k => k >= 1 && k <= samples) && result.Problems.Count > 0
            && result.Problems.All(problem => problem is not null && problem.Samples == samples && (problem.Correct is null || problem.Correct.Length == samples));
    }
}
