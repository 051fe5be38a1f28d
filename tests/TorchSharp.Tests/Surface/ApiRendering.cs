using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TorchSharp.Tests.Surface;

/// <summary>Writes reflected types and members the way torchsharp-api.txt does.</summary>
internal static class ApiRendering
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>The name a type has in the listing: nested types with their owners, namespaces left out.</summary>
    internal static string Name(Type type) => Name(type, new TupleNames(null));

    internal static string Method(MethodInfo method, bool tupleNames)
    {
        string result = Named(method.ReturnType, method.ReturnParameter, tupleNames);
        return $"{Access(method)}{Static(method)}{result} {method.Name}{TypeArguments(method)}({Parameters(method, tupleNames)})";
    }

    internal static string Constructor(ConstructorInfo constructor, bool tupleNames)
        => $"{Access(constructor)}ctor({Parameters(constructor, tupleNames)})";

    internal static string Property(PropertyInfo property, bool tupleNames)
    {
        MethodInfo get = property.GetMethod!;
        string name = property.GetIndexParameters().Length == 0
            ? property.Name
            : $"this[{string.Join(", ", property.GetIndexParameters().Select(parameter => Parameter(parameter, tupleNames)))}]";
        return $"{Static(get)}{Named(property.PropertyType, property, tupleNames)} {name}";
    }

    internal static string Field(FieldInfo field, bool tupleNames)
        => $"{(field.IsFamily ? "protected " : "")}{(field.IsStatic ? "static " : "")}{Named(field.FieldType, field, tupleNames)} {field.Name}";

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Static(MethodBase method) => method.IsStatic ? "static " : "";

    private static string TypeArguments(MethodInfo method)
        => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(static type => type.Name))}>" : "";

    private static string Parameters(MethodBase method, bool tupleNames)
    {
        string extension = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return extension + string.Join(", ", method.GetParameters().Select(parameter => Parameter(parameter, tupleNames)));
    }

    private static string Parameter(ParameterInfo parameter, bool tupleNames)
    {
        string modifier = parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        if (parameter.ParameterType.IsByRef)
            modifier = parameter.IsOut ? "out " : "ref ";
        Type type = parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        string text = $"{modifier}{Named(type, parameter, tupleNames)} {parameter.Name}";
        return parameter.HasDefaultValue ? $"{text} = {Default(type, parameter.RawDefaultValue)}" : text;
    }

    private static string Default(Type type, object? value)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            null => type.IsValueType && Nullable.GetUnderlyingType(type) is null && type.IsByRefLike ? "default" : "null",
            _ when type.IsEnum => $"{type.Name}.{Enum.GetName(type, value)}",
            bool flag => flag ? "true" : "false",
            float number => number.ToString(CultureInfo.InvariantCulture) + "f",
            string text => $"\"{text}\"",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };
    }

    private static string Named(Type type, ICustomAttributeProvider source, bool tupleNames)
    {
        var names = source.GetCustomAttributes(typeof(TupleElementNamesAttribute), false).OfType<TupleElementNamesAttribute>().FirstOrDefault();
        return Name(type, new TupleNames(tupleNames ? names?.TransformNames : null));
    }

    private static string Name(Type type, TupleNames names)
    {
        if (s_keywords.TryGetValue(type, out string? keyword))
            return keyword;
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsArray)
            return $"{Name(type.GetElementType()!, names)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying, names) + "?";
        if (type == typeof(torch.Tensor))
            return "Tensor";
        if (type == typeof(torch.TensorIndex))
            return "TensorIndex";
        if (type.IsGenericType && type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal))
            return Tuple(type, names);

        string simple = type.Name.Split('`')[0];
        Type[] arguments = type.GetGenericArguments();
        int inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        string own = arguments.Length > inherited
            ? $"<{string.Join(", ", arguments.Skip(inherited).Select(argument => Name(argument, names)))}>"
            : "";
        string owner = type.DeclaringType is null ? "" : Name(type.DeclaringType, names) + ".";
        return owner + simple + own;
    }

    private static string Tuple(Type type, TupleNames names)
    {
        Type[] elements = type.GetGenericArguments();
        string?[] own = elements.Select(_ => names.Next()).ToArray();
        IEnumerable<string> parts = elements.Select((element, i) => own[i] is { } name ? $"{Name(element, names)} {name}" : Name(element, names));
        return $"({string.Join(", ", parts)})";
    }

    /// <summary>Tuple element names in the order in which the compiler flattens them: outer tuples before the tuples inside.</summary>
    private sealed class TupleNames(IList<string?>? names)
    {
        private int _next;

        internal string? Next() => names is not null && _next < names.Count ? names[_next++] : null;
    }
}
