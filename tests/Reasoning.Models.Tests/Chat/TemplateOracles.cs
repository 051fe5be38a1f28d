using System.Text;
using System.Text.Json;
using Reasoning.Jinja;
using Reasoning.Models.Chat;

namespace Reasoning.Models.Tests;

/// <summary>A template with what it is given.</summary>
internal sealed record TemplateCase(string Name, string Template, string Variables, string? Now = null, bool NodeAgrees = true)
{
    internal string Json => $$"""{"template": {{JsonSerializer.Serialize(Template)}}, "variables": {{Variables.ReplaceLineEndings(" ")}}, "now": {{JsonSerializer.Serialize(Now)}}}""";
}

/// <summary>Renders templates with other people's engines: @huggingface/jinja on Node.js, and Python's Jinja2 where it is installed.</summary>
internal static class TemplateOracles
{
    /// <summary>What our engine makes of a case: the text, or null where it refuses; never anything but one line of refusal.</summary>
    internal static string? Ours(TemplateCase item)
    {
        using JsonDocument variables = JsonDocument.Parse(item.Variables);
        DateTime? now = item.Now is null ? null : DateTime.Parse(item.Now, System.Globalization.CultureInfo.InvariantCulture);
        try
        {
            return Template.Parse(item.Template, "template").Render(
                [.. variables.RootElement.EnumerateObject().Select(p => (p.Name, JsonValues.Of(p.Value, "variables")))], now);
        }
        catch (Exception e) when (e is UserErrorException or TemplateException)
        {
            Assert.DoesNotContain('\n', e.Message);
            return null;
        }
    }

    /// <summary>What @huggingface/jinja makes of each case, null where it fails.</summary>
    internal static List<string?> Node(IEnumerable<TemplateCase> cases) => Texts(NodeOracle.Run("jinja.mjs", [], Lines(cases)));

    /// <summary>What Jinja2 makes of each case, null where it fails or writes the address of an object.</summary>
    internal static List<string?> Jinja2(IEnumerable<TemplateCase> cases) =>
    [
        .. Texts(PythonOracle.Run("jinja2.sandbox", "jinja.py", [], Lines(cases)))
            .Select(text => text?.Contains(" object at 0x", StringComparison.Ordinal) == true ? null : text),
    ];

    /// <summary>Compares our engine with another on every case; at most a few differences are shown.</summary>
    internal static void AssertSame(IReadOnlyList<TemplateCase> cases, List<string?> expected)
    {
        Assert.Equal(cases.Count, expected.Count);
        var different = new StringBuilder();
        int count = 0;
        for (int i = 0; i < cases.Count; i++)
        {
            string? ours = Ours(cases[i]);
            if (ours == expected[i]) continue;
            if (++count <= 5) different.AppendLine($"{cases[i].Name}\n  template {cases[i].Template}\n  expected {Show(expected[i])}\n  ours     {Show(ours)}");
        }
        Assert.True(count == 0, $"{count} of {cases.Count} differ:\n{different}");
    }

    private static string Show(string? text) => text is null ? "(an error)" : JsonSerializer.Serialize(text);

    private static string Lines(IEnumerable<TemplateCase> cases) => string.Concat(cases.Select(item => item.Json + "\n"));

    private static List<string?> Texts(string output) =>
    [
        .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            using JsonDocument answer = JsonDocument.Parse(line);
            return answer.RootElement.TryGetProperty("text", out JsonElement text) ? text.GetString() : null;
        }),
    ];
}
