using System.Reflection;
using Reasoning.Models;
using Reasoning.Models.Files;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Reasoning.Trainer.Recipes;

/// <summary>
/// A recipe as it is written: YAML with <c>summary</c> (one sentence), <c>base</c> (a shipped recipe whose settings hold unless this one has
/// its own) and settings. The shipped ones are resources of the program; any other file can be given by its path.
/// </summary>
internal sealed class RecipeFile
{
    private const string Extension = ".yaml";
    private const string SummaryKey = "summary", BaseKey = "base";

    private RecipeFile(string given, string name, string where, string source)
    {
        (Given, Name, Where, Source) = (given, name, where, source);
        List<RecipeEntry> entries = Parse();
        Summary = entries.Find(entry => entry.Key == SummaryKey)?.Value ?? "";
        Base = entries.Find(entry => entry.Key == BaseKey) is not { } named ? null
            : Shipped.Contains(named.Value) ? Load(named.Value)
            : throw new UserErrorException($"{where}:{named.Line}: base is '{named.Value}'{Nearest.Hint(named.Value, Shipped)}; it must be a shipped recipe");
        Entries = [.. Base?.Entries ?? [], .. entries.Where(entry => entry.Key is not (SummaryKey or BaseKey))];
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
    public string Summary { get; }

    /// <summary>The shipped recipe it starts from; null where it sets everything itself.</summary>
    public RecipeFile? Base { get; }

    /// <summary>Settings, in the order of the file, behind those of its base.</summary>
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

    // Event by event: a reader of whole documents calls itself for each bracket, and a stack that overflows ends the process.
    private List<RecipeEntry> Parse()
    {
        var entries = new List<RecipeEntry>();
        var yaml = new Parser(new StringReader(Source));
        try
        {
            yaml.Consume<StreamStart>();
            if (!yaml.TryConsume<DocumentStart>(out _) || !yaml.TryConsume<MappingStart>(out _))
                throw new UserErrorException($"{Where}: expected lines of the form 'key: value'");
            while (!yaml.TryConsume<MappingEnd>(out _))
            {
                if (!yaml.TryConsume<Scalar>(out Scalar? key)) throw Error("expected a name before the colon");
                if (entries.Exists(entry => entry.Key == key.Value)) throw new UserErrorException($"{Where}:{key.Start.Line}: '{key.Value}' occurs twice");
                entries.Add(new RecipeEntry(key.Value, Value(), this, key.Start.Line));
            }

            yaml.Consume<DocumentEnd>();
            return yaml.TryConsume<StreamEnd>(out _) ? entries : throw Error("a second document begins; a recipe is one");
        }
        catch (Exception e) when (e is not UserErrorException) // the reader throws others as well
        {
            long line = (e as YamlException)?.Start.Line ?? yaml.Current?.End.Line ?? 1;
            throw new UserErrorException($"{Where}:{line}: not valid YAML: {e.Message}", e);
        }

        string Value()
        {
            if (yaml.TryConsume<Scalar>(out Scalar? scalar)) return scalar.Value;
            if (!yaml.TryConsume<SequenceStart>(out _)) throw Error("expected a value or a list");
            var items = new List<string>();
            while (!yaml.TryConsume<SequenceEnd>(out _))
                items.Add(yaml.TryConsume<Scalar>(out Scalar? item) ? item.Value : throw Error("expected a list of values"));
            return string.Join(",", items);
        }

        UserErrorException Error(string problem) => new($"{Where}:{yaml.Current!.Start.Line}: {problem}");
    }
}

/// <summary>A line of a recipe file.</summary>
internal sealed record RecipeEntry(string Key, string Value, RecipeFile File, long Line);
