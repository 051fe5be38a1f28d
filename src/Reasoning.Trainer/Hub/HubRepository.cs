using System.Text.RegularExpressions;
using Reasoning.Models;

namespace Reasoning.Trainer.Hub;

/// <summary>A model, or a data set, on the Hugging Face Hub.</summary>
/// <param name="Name"><c>OWNER/NAME</c>, or a bare name of old.</param>
/// <param name="Revision">A branch, tag or commit.</param>
/// <param name="IsDataSet">Whether it is a data set.</param>
internal sealed partial record HubRepository(string Name, string Revision, bool IsDataSet)
{
    private const string DataSets = "datasets/", Main = "main";

    /// <summary>What files are called under, as on the site.</summary>
    public string Page => (IsDataSet ? DataSets : "") + Name;

    /// <summary>The last part of the name.</summary>
    public string ShortName => Name[(Name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>Where the API has it.</summary>
    public string Api => $"api/{(IsDataSet ? "datasets" : "models")}/{Name}";

    /// <summary>Reads <c>[datasets/]OWNER/NAME[@REVISION]</c>.</summary>
    /// <exception cref="UserErrorException">It is something else.</exception>
    public static HubRepository Parse(string text)
    {
        Match match = Form().Match(text);
        bool isName = match.Success && !text.Contains("..", StringComparison.Ordinal);
        if (!isName) throw new UserErrorException($"{text}: is no repository of the hub; write OWNER/NAME, datasets/OWNER/NAME, or either with @REVISION");
        return new HubRepository(match.Groups["name"].Value, match.Groups["revision"] is { Success: true } given ? given.Value : Main, match.Groups["data"].Success);
    }

    [GeneratedRegex(@"^(?<data>datasets/)?(?<name>[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?)(@(?<revision>[A-Za-z0-9][\w./-]*))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}

/// <summary>A file of a repository.</summary>
/// <param name="Path">Relative, with forward slashes; a path inside the folder it will be put into.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Hash">Of large files the SHA-256 of the content, of others the SHA-1 that Git gives them; lower-case hexadecimal.</param>
internal sealed record HubFile(string Path, long Bytes, string Hash)
{
    /// <summary>Length of a SHA-256 in hexadecimal.</summary>
    private const int Sha256Digits = 64;

    /// <summary>Whether <see cref="Hash"/> is a SHA-256.</summary>
    public bool IsLarge => Hash.Length == Sha256Digits;
}
