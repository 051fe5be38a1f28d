using Reasoning.Models.Files;

namespace Reasoning.Models.Chat;

/// <summary>Texts with one place for a problem.</summary>
internal static class TemplateFile
{
    /// <summary>The place of the problem's text.</summary>
    internal const string Slot = "{prompt}";

    /// <summary>The template of a checkpoint that names none.</summary>
    internal const string Default = "Question: {prompt}\nAnswer:";

    internal static string Render(string template, string text) => template.Replace(Slot, text, StringComparison.Ordinal);

    /// <summary>Returns the template if it holds the slot exactly once; <paramref name="where"/> names it in the error.</summary>
    internal static string Check(string template, string where)
    {
        FileLimits.Check(template, where);
        int first = template.IndexOf(Slot, StringComparison.Ordinal);
        if (first < 0 || template.IndexOf(Slot, first + 1, StringComparison.Ordinal) >= 0)
            throw new UserErrorException($"{where} must hold {Slot} exactly once, the place of the problem: {UserErrorException.OneLine(template)}");
        return template;
    }
}
