using System.Numerics;

namespace Parquet.Schema;

/// <summary>A column of values.</summary>
public class DataField : Field
{
    private static readonly HashSet<Type> s_types =
    [
        typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(float), typeof(double), typeof(decimal), typeof(BigInteger), typeof(DateTime), typeof(DateOnly), typeof(Guid),
        typeof(ReadOnlyMemory<char>), typeof(ReadOnlyMemory<byte>),
    ];

    /// <summary>A column by name and type; an array or other sequence makes a repeated column, a nullable type an optional one.</summary>
    /// <param name="name">Name of the column.</param>
    /// <param name="clrType">Type of its values. Text is <see cref="ReadOnlyMemory{T}"/> of char afterwards, bytes likewise.</param>
    /// <param name="isNullable">Overrides what the type says.</param>
    /// <param name="isArray">Overrides what the type says.</param>
    /// <param name="propertyName">For serializers; not used here.</param>
    public DataField(string name, Type clrType, bool? isNullable = null, bool? isArray = null, string? propertyName = null)
        : base(name, SchemaType.Data)
    {
        Type item = Item(clrType, out bool repeated);
        bool optional = item.IsClass || item.IsInterface || Nullable.GetUnderlyingType(item) is not null;
        item = Nullable.GetUnderlyingType(item) ?? item;
        ClrType = item == typeof(string) ? typeof(ReadOnlyMemory<char>) : item == typeof(byte[]) ? typeof(ReadOnlyMemory<byte>) : item;
        if (!s_types.Contains(ClrType)) throw new NotSupportedException($"type {clrType} is not supported");
        IsNullable = isNullable ?? optional;
        IsArray = isArray ?? repeated;
        MaxRepetitionLevel = IsArray ? 1 : 0;
    }

    /// <summary>Type of a value, never a nullable one.</summary>
    public Type ClrType { get; }

    /// <summary>Whether the column itself is repeated, without a list around it.</summary>
    public bool IsArray { get; internal set; }

    /// <summary>Whether the levels are known, which they are once the field is part of a schema.</summary>
    internal bool IsAttached { get; private set; }

    internal override void Place(FieldPath? parent) => Path = parent + new FieldPath(Name);

    internal override void PropagateLevels(int parentRepetitionLevel, int parentDefinitionLevel)
    {
        MaxRepetitionLevel = parentRepetitionLevel + (IsArray ? 1 : 0);
        MaxDefinitionLevel = parentDefinitionLevel + (IsArray || IsNullable ? 1 : 0);
        IsAttached = true;
    }

    public override string ToString() => $"{Path} ({ClrType}{(IsNullable ? "?" : "")}{(IsArray ? "[]" : "")})";

    private static Type Item(Type type, out bool repeated)
    {
        Type? item = type.IsArray ? type.GetElementType()
            : type == typeof(string) ? null
            : type.GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))
                ?.GetGenericArguments()[0];
        repeated = item is not null && type != typeof(byte[]);
        return repeated ? item! : type;
    }
}
