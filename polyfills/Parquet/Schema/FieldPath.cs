namespace Parquet.Schema;

/// <summary>The names from the root of the schema to a field. A name may contain any character, dots and slashes included.</summary>
public sealed class FieldPath : IEquatable<FieldPath>
{
    private readonly List<string> _parts;

    /// <summary>Empty parts are left out.</summary>
    public FieldPath(IEnumerable<string> parts) => _parts = [.. parts.Where(part => !string.IsNullOrEmpty(part))];

    public FieldPath(params string[] parts)
        : this((IEnumerable<string>)parts)
    {
    }

    /// <summary>Number of parts.</summary>
    public int Length => _parts.Count;

    /// <summary>The first part, or null where there is none.</summary>
    public string? FirstPart => _parts.Count == 0 ? null : _parts[0];

    public static FieldPath operator +(FieldPath? left, FieldPath? right) =>
        new((left?._parts ?? Enumerable.Empty<string>()).Concat(right?._parts ?? Enumerable.Empty<string>()));

    /// <summary>The parts, as a list of their own.</summary>
    public List<string> ToList() => [.. _parts];

    public bool Equals(FieldPath? other) => other is not null && _parts.SequenceEqual(other._parts, StringComparer.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (string part in _parts) hash.Add(part, StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    /// <summary>The parts joined by '/', for messages and for hints.</summary>
    public override string ToString() => string.Join('/', _parts);
}
