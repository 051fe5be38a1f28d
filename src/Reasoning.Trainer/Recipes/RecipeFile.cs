using System.Reflection;
using Reasoning.Models;
using Reasoning.Models.Files;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Reasoning.Trainer.Recipes;

/// <summary>
/// A recipe as it is written: YAML with <c>summary</c> (one sentence) and settings. The shipped ones are resources of the program; any
/// other file can be given by its path.
/// </summary>
internal sealed class RecipeFile
{
    private const string Extension = ".yaml";
    private const string SummaryKey = "summary";

    private RecipeFile(string given, string name, string where, string source)
    {
        (Given, Name, Where, Source) = (given, name, where, source);
        var entries = new List<RecipeEntry>();
        foreach ((YamlNode key, YamlNode value) in Parse().Children)
        {
            string text = value switch
            {
                YamlScalarNode scalar => scalar.Value ?? "",
                YamlSequenceNode list => string.Join(",", list.Children.Select(item => (item as YamlScalarNode)?.Value)),
                _ => throw new UserErrorException($"{where}:{value.Start.Line}: expected a value or a list"),
            };
            if (key is not YamlScalarNode { Value: { } word })
                throw new UserErrorException($"{where}:{key.Start.Line}: expected a name before the colon");
            if (word == SummaryKey) Summary = text;
            else entries.Add(new RecipeEntry(word, text, key.Start.Line));
        }

        Entries = entries;
    }

    /// <summary>The name or path it was asked for by.</summary>
    public string Given { get; }

    /// <summary>Its short name.</summary>
    public string Name { get; }

    /// <summary>The file, or a description of the resource, for messages.</summary>
    public string Where { get; }

    /// <summary>The text as it stands in the file.</summary>
    public string Source { get; }

    /// <summary>One sentence.</summary>
    public string Summary { get; } = "";

    /// <summary>Settings, in the order of the file.</summary>
    public IReadOnlyList<RecipeEntry> Entries { get; }

    /// <summary>The names of the shipped recipes.</summary>
    public static IReadOnlyList<string> Shipped { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.EndsWith(Extension, StringComparison.Ordinal)).Select(name => name[..^Extension.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>A shipped recipe by its name, or any other by the path of its file.</summary>
    /// <exception cref="UserErrorException">There is no such recipe, or the file is malformed.</exception>
    public static RecipeFile Load(string nameOrPath)
    {
        if (Shipped.Contains(nameOrPath))
        {
            using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(nameOrPath + Extension)!;
            using var reader = new StreamReader(stream);
            return new RecipeFile(nameOrPath, nameOrPath, $"recipe {nameOrPath}", reader.ReadToEnd());
        }

        if (File.Exists(nameOrPath))
            return new RecipeFile(nameOrPath, Path.GetFileNameWithoutExtension(nameOrPath), nameOrPath, RegularFile.ReadAllText(nameOrPath, FileLimits.Handwritten));
        bool isPath = nameOrPath.EndsWith(Extension, StringComparison.Ordinal) || nameOrPath.Contains(Path.DirectorySeparatorChar);
        throw new UserErrorException(
            isPath
                ? $"{nameOrPath}: no such recipe file"
                : $"unknown recipe '{nameOrPath}'{Nearest.Hint(nameOrPath, Shipped)}; shipped: {string.Join(", ", Shipped)}, or give "
                    + $"the path of a .yaml file");
    }

    private YamlMappingNode Parse()
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(Source));
            return yaml.Documents is [{ RootNode: YamlMappingNode mapping }]
                ? mapping
                : throw new UserErrorException($"{Where}: expected lines of the form 'key: value'");
        }
        catch (YamlException e)
        {
            throw new UserErrorException($"{Where}:{e.Start.Line}: not valid YAML: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}

/// <summary>A line of a recipe file.</summary>
internal sealed record RecipeEntry(string Key, string Value, long Line);
