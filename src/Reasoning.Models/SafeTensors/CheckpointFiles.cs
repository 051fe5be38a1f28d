using System.Globalization;
using System.Text.Json;
using Reasoning.Models.Config;
using Reasoning.Models.Files;

namespace Reasoning.Models.SafeTensors;

/// <summary>
/// The weights of a Hugging Face checkpoint folder, open for reading: one <c>model.safetensors</c>, or the shards that
/// <c>model.safetensors.index.json</c> lists.
/// </summary>
public sealed class CheckpointFiles : IDisposable
{
    private const string SingleName = "model.safetensors";
    internal const string IndexName = "model.safetensors.index.json";
    private readonly List<SafeTensorsReader> _readers = [];
    private readonly Dictionary<string, SafeTensorsReader> _readerOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SafeTensorEntry> _entries = new(StringComparer.Ordinal);

    private CheckpointFiles(string folder) => Folder = folder;

    /// <summary>Name of the file number <paramref name="index"/>, from 0, of <paramref name="count"/>.</summary>
    internal static string ShardName(int index, int count) =>
        count == 1 ? SingleName : string.Create(CultureInfo.InvariantCulture, $"model-{index + 1:D5}-of-{count:D5}.safetensors");

    internal string Folder { get; }

    /// <summary>What was taken off the names of all tensors, such as <c>_orig_mod.</c>, or put before them; null where names are as they should be.</summary>
    public string? Renamed { get; private set; }

    /// <summary>All tensors of all files, by name.</summary>
    public IReadOnlyDictionary<string, SafeTensorEntry> Entries => _entries;

    /// <summary>The files, each once.</summary>
    public IEnumerable<string> Files => _readers.Select(reader => reader.File);

    /// <summary>Opens the weights in a folder and checks all headers.</summary>
    /// <exception cref="UserErrorException">
    /// There are no weights, a shard is missing or malformed, or index and shards disagree; the message names the file.
    /// </exception>
    public static CheckpointFiles Open(string folder)
    {
        string single = Path.Combine(folder, SingleName);
        string index = Path.Combine(folder, IndexName);
        var files = new CheckpointFiles(folder);
        try
        {
            if (File.Exists(single)) files.Add(SafeTensorsReader.Open(single));
            else if (File.Exists(index)) files.AddShards(index);
            else throw new UserErrorException($"{folder}: has neither {SingleName} nor {IndexName}; weights must be in safetensors form");
            files.Unwrap();
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>The entry of a tensor.</summary>
    /// <exception cref="UserErrorException">No file has such a tensor.</exception>
    public SafeTensorEntry Find(string name) => _entries.GetValueOrDefault(name) ?? throw Lacks([name]);

    /// <summary>The error for tensors that are not there, with the prefix that some of them have instead.</summary>
    internal UserErrorException Lacks(IReadOnlyList<string> missing)
    {
        string start = $"{Folder}: the weights lack {Show(missing)}";
        string[] adapters = [.. _entries.Keys.Where(name => name.Contains(".lora_", StringComparison.Ordinal))];
        if (adapters.Length > 0)
            return new UserErrorException($"{start}, but have {Show(adapters)}: adapters of PEFT; merge them into the model before it is saved");
        string? wrapped = _entries.Keys.FirstOrDefault(name => missing.Any(end => name.EndsWith("." + end, StringComparison.Ordinal)));
        if (wrapped is null) return new UserErrorException($"{start}; config.json describes another model, or the checkpoint is incomplete");
        string prefix = wrapped[..^missing.First(end => wrapped.EndsWith("." + end, StringComparison.Ordinal)).Length];
        int count = _entries.Keys.Count(name => name.StartsWith(prefix, StringComparison.Ordinal));
        return new UserErrorException(
            $"{start}, but {count} of {_entries.Count} names begin with '{prefix}', which a wrapper left; only a prefix of all is taken off; "
            + "save the model itself");
    }

    /// <summary>The first of some names, for messages.</summary>
    internal static string Show(IReadOnlyList<string> names)
    {
        const int Shown = 3;
        string start = string.Join(", ", names.Take(Shown).Select(name => $"'{name}'"));
        return names.Count <= Shown ? start : $"{start} and {names.Count - Shown} more";
    }

    /// <inheritdoc cref="SafeTensorsReader.Read(string, Span{float})"/>
    public void Read(string name, Span<float> destination) => _readerOf[name].Read(Find(name), 0, destination);

    /// <inheritdoc cref="SafeTensorsReader.Read(SafeTensorEntry, long, Span{float})"/>
    public void Read(string name, long start, Span<float> destination)
    {
        SafeTensorEntry entry = Find(name);
        _readerOf[name].Read(entry, start, destination);
    }

    public void Dispose()
    {
        foreach (SafeTensorsReader reader in _readers) reader.Dispose();
    }

    private void Add(SafeTensorsReader reader)
    {
        _readers.Add(reader);
        foreach ((string name, SafeTensorEntry entry) in reader.Entries)
        {
            if (!_entries.TryAdd(name, entry))
                throw new UserErrorException($"{reader.File}: tensor '{name}' is also in {Path.GetFileName(_readerOf[name].File)}");
            _readerOf.Add(name, reader);
        }
    }

    // Wrappers (torch.compile, data-parallel training, PEFT, models with a part for images) put a prefix before all names. It is what
    // stands before the embedding's name; where all names have it, it is taken off.
    private void Unwrap()
    {
        const string Last = "embed_tokens.weight", Inner = "model.", Wrapped = ".model.", Adapted = ".base_layer.", AdaptedModel = "base_model.model.";
        string[] tables = [.. _entries.Keys.Where(name => name == Last || name.EndsWith("." + Last, StringComparison.Ordinal))];
        if (tables.Length != 1 || tables[0] == Inner + Last || _entries.Keys.Any(name => name.Contains(".lora_", StringComparison.Ordinal))) return;
        string stem = tables[0][..^Last.Length], outer = stem.EndsWith(Wrapped, StringComparison.Ordinal) ? stem[..^Inner.Length] : "";
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string name in _entries.Keys)
        {
            bool isHead = name == outer + ModelTensor.HeadName, isInner = !isHead && name.StartsWith(stem, StringComparison.Ordinal);
            if (!isHead && !isInner && (outer.Length == 0 || !name.StartsWith(outer, StringComparison.Ordinal))) return;
            string bare = isInner ? Inner + name[stem.Length..] : name[outer.Length..];
            if (stem.Contains(AdaptedModel, StringComparison.Ordinal)) bare = bare.Replace(Adapted, ".", StringComparison.Ordinal);
            if (!names.TryAdd(bare, name)) return;
        }

        Dictionary<string, SafeTensorEntry> entries = new(_entries);
        Dictionary<string, SafeTensorsReader> readers = new(_readerOf);
        _entries.Clear();
        _readerOf.Clear();
        foreach ((string bare, string name) in names)
        {
            _entries.Add(bare, entries[name] with { Name = bare });
            _readerOf.Add(bare, readers[name]);
        }

        Renamed = stem.Length == 0 ? $"'{Inner}' was put before the names of the tensors"
            : outer.Length > 0 ? $"'{outer}' was taken off the names of the tensors"
            : $"'{stem}' at the start of the tensors' names was read as '{Inner}'";
    }

    /// <summary>
    /// Whether a file is what it says, or a link to a file in the same folder, or one of the links that the cache of Hugging Face consists of:
    /// from <c>snapshots/REVISION</c> into <c>blobs</c> of the same repository.
    /// </summary>
    private bool IsInside(string file)
    {
        string home = RegularFile.RealPath(Folder), place = Path.GetDirectoryName(RegularFile.RealPath(file))!;
        string? parent = Path.GetDirectoryName(home);
        bool isCache = Path.GetFileName(parent) == "snapshots" && place == Path.Combine(Path.GetDirectoryName(parent)!, "blobs");
        return place == home || isCache;
    }

    private void AddShards(string index)
    {
        using JsonDocument document = JsonFile.LoadObject(index);
        JsonFields map = new JsonFields(index, document.RootElement).Object("weight_map");
        var shardOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (JsonProperty property in map.Element.EnumerateObject()) shardOf[property.Name] = map.String(property.Name);
        foreach (string shard in shardOf.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            bool isPlainName = shard.Length > 0 && shard != ".." && shard.AsSpan().IndexOfAny("/\\:\0") < 0;
            if (!isPlainName) throw map.Error("*", $"names the shard '{shard}'; a shard is a file beside the index, without a path");
            string file = Path.Combine(Folder, shard);
            if (!File.Exists(file)) throw new UserErrorException($"{file}: no such file; {IndexName} lists it as a shard");
            if (!IsInside(file))
                throw new UserErrorException($"{file}: is a link to a file outside the folder; {IndexName} lists it as a shard; copy the file itself");
            Add(SafeTensorsReader.Open(file));
        }
        foreach ((string name, string shard) in shardOf)
        {
            if (!_readerOf.TryGetValue(name, out SafeTensorsReader? reader) || Path.GetFileName(reader.File) != shard)
                throw new UserErrorException($"{index}: tensor '{name}' is not in {shard}");
        }
    }
}
