using System.Globalization;
using System.Reflection;

namespace Parquet.Tests.Surface;

/// <summary>
/// Writes the public types and members of an assembly, one line each, in the form of parquet-net-api.txt. Whether a reference may be null
/// is left out.
/// </summary>
internal static class ApiLines
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly string[] s_ofEveryObject = ["ToString", "Equals", "GetHashCode"];

    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(short)] = "short",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(char)] = "char",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>The lines of a type: itself, what it implements, its members.</summary>
    internal static IEnumerable<string> Of(Type type)
    {
        string owner = FullName(type);
        yield return Header(type);
        if (type.IsEnum)
        {
            foreach (string name in Enum.GetNames(type)) yield return $"{owner}: {name} = {Convert.ToInt64(Enum.Parse(type, name))}";
            yield break;
        }

        foreach (Type contract in type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).OrderBy(Name, StringComparer.Ordinal))
            yield return $"{owner} implements {Name(contract)}";
        IEnumerable<string> lines = type.GetMembers(Declared).Where(IsVisible).Select(Render).OfType<string>();
        foreach (string line in lines.Distinct().Order(StringComparer.Ordinal)) yield return $"{owner}: {line}";
    }

    internal static string Header(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class";
        string modifier = (kind, type.IsAbstract, type.IsSealed) switch
        {
            ("class", true, true) => "static ",
            ("class", true, false) => "abstract ",
            ("class", false, true) => "sealed ",
            _ => "",
        };
        string parent = kind != "class" || type.BaseType == typeof(object) ? "" : $" : {FullName(type.BaseType!)}";
        return $"{modifier}{kind} {FullName(type)}{parent}";
    }

    internal static string FullName(Type type) => $"{type.Namespace}.{Name(type)}";

    private static string? Render(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"{Access(constructor)}ctor({Parameters(constructor)})",
        MethodInfo method when s_ofEveryObject.Contains(method.Name) && method.GetBaseDefinition().DeclaringType == typeof(object) => null,
        MethodInfo method =>
            $"{Access(method)}{Static(method)}{Name(method.ReturnType)} {method.Name}{Generic(method)}({Parameters(method)})",
        PropertyInfo property => Property(property),
        FieldInfo { IsLiteral: true } constant =>
            $"const {Name(constant.FieldType)} {constant.Name} = {Default(constant.GetRawConstantValue()).Trim('"')}",
        FieldInfo field => $"{(field.IsInitOnly ? "readonly " : "")}{Name(field.FieldType)} {field.Name}",
        _ => null,
    };

    private static string Property(PropertyInfo property)
    {
        string name = property.GetIndexParameters().Length == 0 ? property.Name : $"this[{Parameters(property.GetMethod!)}]";
        string accessors = IsVisible(property.SetMethod) && property.SetMethod!.IsPublic ? "{ get; set; }" : "{ get; }";
        return $"{Access(property.GetMethod!)}{Static(property.GetMethod!)}{Name(property.PropertyType)} {name} {accessors}";
    }

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Static(MethodBase method) => method.IsStatic ? "static " : "";

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
    {
        string modifier = parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        string text = $"{modifier}{Name(parameter.ParameterType)} {parameter.Name}";
        return parameter.HasDefaultValue ? $"{text} = {Default(parameter.RawDefaultValue)}" : text;
    }));

    private static string Default(object? value) => value switch
    {
        null => "default",
        bool flag => flag ? "true" : "false",
        string text => $"\"{text}\"",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(Type type)
    {
        if (s_keywords.TryGetValue(type, out string? keyword)) return keyword;
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } value) return Name(value) + "?";
        string simple = type.Name.Split('`')[0];
        return type.IsGenericType ? $"{simple}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : simple;
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodInfo { IsSpecialName: true } method => IsVisible(method as MethodBase) && method.Name.StartsWith("op_", StringComparison.Ordinal),
        MethodInfo method => IsVisible(method as MethodBase),
        ConstructorInfo constructor => IsVisible((MethodBase)constructor),
        PropertyInfo property => IsVisible(property.GetMethod),
        FieldInfo field => field.IsPublic && !field.IsSpecialName,
        _ => false,
    };

    private static bool IsVisible(MethodBase? method) =>
        method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);
}
