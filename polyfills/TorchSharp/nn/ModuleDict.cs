using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TorchSharp.Modules;

/// <summary>
/// Modules by name, in the order they were added. They become children when the dictionary itself becomes part of a
/// module; what is added later is neither listed nor converted.
/// </summary>
public class ModuleDict<T> : torch.nn.Module, IDictionary<string, T>, IList<(string, T)>
    where T : torch.nn.Module
{
    private readonly OrderedDictionary<string, T> _entries = [];
    private bool _registered;

    public ModuleDict()
        : base(nameof(ModuleDict<T>))
    {
    }

    public (string, T) this[int index]
    {
        get => (_entries.GetAt(index).Key, _entries.GetAt(index).Value);
        set => _entries.SetAt(index, value.Item1, value.Item2);
    }

    /// <exception cref="KeyNotFoundException">Setting a key that <see cref="Add(string, T)"/> never added.</exception>
    public T this[string key]
    {
        get => _entries[key];
        set
        {
            if (!_entries.ContainsKey(key))
                throw new ArgumentOutOfRangeException(nameof(key), key, "ModuleDict has no module of this name: use Add.");
            _entries[key] = value;
        }
    }

    public int Count => _entries.Count;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => _entries.Keys;

    public ICollection<T> Values => _entries.Values;

    public void Add(string key, T value) => _entries.Add(key, value);

    public void Add((string, T) item) => _entries.Add(item.Item1, item.Item2);

    public void Add(KeyValuePair<string, T> item) => _entries.Add(item.Key, item.Value);

    public void Insert(int index, (string, T) item) => _entries.Insert(index, item.Item1, item.Item2);

    public bool Remove(string key) => _entries.Remove(key);

    public bool Remove((string, T) item) => _entries.Remove(item.Item1);

    public bool Remove(KeyValuePair<string, T> item) => _entries.Remove(item.Key);

    public void RemoveAt(int index) => _entries.RemoveAt(index);

    public void Clear() => _entries.Clear();

    public void clear() => _entries.Clear();

    public bool Contains((string, T) item) => IndexOf(item) >= 0;

    public bool Contains(KeyValuePair<string, T> item) => IndexOf((item.Key, item.Value)) >= 0;

    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => _entries.TryGetValue(key, out value);

    public int IndexOf((string, T) item)
    {
        int index = _entries.IndexOf(item.Item1);
        return index >= 0 && ReferenceEquals(_entries.GetAt(index).Value, item.Item2) ? index : -1;
    }

    public void CopyTo((string, T)[] array, int arrayIndex)
    {
        foreach (var (name, module) in _entries)
            array[arrayIndex++] = (name, module);
    }

    public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex)
        => ((ICollection<KeyValuePair<string, T>>)_entries).CopyTo(array, arrayIndex);

    public IEnumerator<(string, T)> GetEnumerator() => items();

    public IEnumerator<(string, T)> items()
    {
        foreach (var (name, module) in _entries)
            yield return (name, module);
    }

    public IEnumerable<string> keys() => _entries.Keys;

    public IEnumerable<T> values() => _entries.Values;

    IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items();

    /// <summary>The real package looks its properties up by name and finds two indexers: converting or moving a dictionary fails there.</summary>
    protected override void _toEpilog(torch.ScalarType? dtype, torch.Device? device, bool non_blocking) =>
        throw new ArgumentException("ModuleDict cannot be converted or moved; register its modules in a module of your own.");

    protected override void RegisterComponents()
    {
        if (_registered)
            return;
        foreach (var (name, module) in _entries)
            register_module(name, module);
        _registered = true;
    }
}
