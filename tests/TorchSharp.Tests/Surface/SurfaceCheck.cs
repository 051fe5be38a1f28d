using System.Reflection;

namespace TorchSharp.Tests.Surface;

/// <summary>Compares public types with a listing and reports everything the listing lacks.</summary>
internal sealed class SurfaceCheck(ApiListing listing, IReadOnlyDictionary<string, string[]> verified)
{
    private const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private readonly List<string> _problems = [];

    /// <summary>One line per type or member that the real package does not have in this form.</summary>
    /// <param name="types">The exported types.</param>
    /// <param name="listing">What the package has.</param>
    /// <param name="verified">Members, by type, that the listing leaves out.</param>
    internal static IReadOnlyList<string> Problems(IEnumerable<Type> types, ApiListing listing, IReadOnlyDictionary<string, string[]> verified)
    {
        var check = new SurfaceCheck(listing, verified);
        foreach (Type type in types)
            check.Check(type);
        return check._problems;
    }

    private void Check(Type type)
    {
        string name = ApiRendering.Name(type);
        if (name.EndsWith("LossClosure", StringComparison.Ordinal))
            return;
        if (!listing.Mentions(name) && !listing.Mentions(name.Split('<')[0]))
        {
            _problems.Add($"{name}: no such type");
            return;
        }

        if (listing.Type(name) is { } described)
            CheckHeader(type, name, described);
        if (type.IsEnum)
        {
            if (listing.Type(name) is null)
                _problems.AddRange(Enum.GetNames(type).Except(verified.GetValueOrDefault(name, [])).Select(member => $"{name}: {member}"));
            return;
        }

        foreach (MemberInfo member in type.GetMembers(Declared).Where(IsVisible))
            CheckMember(type, name, member);
    }

    private void CheckHeader(Type type, string name, ApiType described)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class";
        if (kind != described.Kind)
            _problems.Add($"{name}: is a {kind}, the package has a {described.Kind}");
        if (described.Modifiers.Contains("sealed", StringComparison.Ordinal) && !type.IsSealed)
            _problems.Add($"{name}: the package's is sealed");
        if (described.Modifiers.Contains("abstract", StringComparison.Ordinal) && !type.IsAbstract)
            _problems.Add($"{name}: the package's is abstract");
        if (kind == "class" && !(type.IsAbstract && type.IsSealed))
        {
            string baseName = type.BaseType == typeof(object) ? "" : ApiRendering.Name(type.BaseType!);
            if (baseName != described.Base)
                _problems.Add($"{name}: derives from '{baseName}', the package's from '{described.Base}'");
        }

        if (kind == "enum")
        {
            foreach (string member in Enum.GetNames(type))
            {
                long value = Convert.ToInt64(Enum.Parse(type, member), System.Globalization.CultureInfo.InvariantCulture);
                if (!described.EnumValues.TryGetValue(member, out long? expected) || (expected ?? value) != value)
                    _problems.Add($"{name}.{member} = {value}: not in the package");
            }
        }
    }

    private void CheckMember(Type type, string name, MemberInfo member)
    {
        if (Find(name, member, out string signature) is { } found)
        {
            CheckDetails(type, name, member, signature, found);
            return;
        }

        if (member is MethodInfo method && OverridesListed(method))
            return;
        if (verified.TryGetValue(name, out string[]? allowed) && allowed.Contains(signature))
            return;
        string similar = string.Join("\n      ", listing.Similar(name, member.Name));
        _problems.Add($"{name}: {signature}{(similar.Length > 0 ? "\n      " + similar : "")}");
    }

    private void CheckDetails(Type type, string name, MemberInfo member, string signature, ApiMember found)
    {
        if (member is MethodInfo method)
        {
            bool overridable = method.IsVirtual && !method.IsFinal && !type.IsSealed && !type.IsInterface;
            if (overridable && !method.IsAbstract && !found.Overridable && !found.IsAbstract)
                _problems.Add($"{name}: {signature} is virtual, the package's is not");
            if (found.IsAbstract && !method.IsAbstract)
                _problems.Add($"{name}: {signature} is not abstract, the package's is");
        }
        else if (member is PropertyInfo property && IsVisible(property.SetMethod) && !found.Accessors.Contains("set;", StringComparison.Ordinal))
        {
            _problems.Add($"{name}: {signature} has a setter, the package's has none");
        }
    }

    private ApiMember? Find(string owner, MemberInfo member, out string signature)
    {
        signature = Render(member, true);
        if (listing.Member(owner, signature) is { } found)
            return found;
        return listing.Member(owner, Render(member, false)) is { UnnamedTuples: true } unnamed ? unnamed : null;
    }

    private bool OverridesListed(MethodInfo method)
    {
        MethodInfo origin = method.GetBaseDefinition();
        if (origin == method)
            return false;
        Type declaring = origin.DeclaringType!;
        if (declaring.IsGenericType)
            declaring = declaring.GetGenericTypeDefinition();
        if (declaring.Assembly == typeof(object).Assembly)
            return true;
        MethodInfo open = declaring.GetMethods(Declared).First(candidate => candidate.MetadataToken == origin.MetadataToken);
        return Find(ApiRendering.Name(declaring), open, out _) is not null;
    }

    private static string Render(MemberInfo member, bool tupleNames) => member switch
    {
        MethodInfo method => ApiRendering.Method(method, tupleNames),
        ConstructorInfo constructor => ApiRendering.Constructor(constructor, tupleNames),
        PropertyInfo property => ApiRendering.Property(property, tupleNames),
        FieldInfo field => ApiRendering.Field(field, tupleNames),
        _ => member.ToString()!,
    };

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodInfo method => IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)),
        ConstructorInfo constructor => IsVisible((MethodBase)constructor),
        PropertyInfo property => IsVisible(property.GetMethod),
        FieldInfo field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName,
        Type => false,
        _ => true,
    };

    private static bool IsVisible(MethodBase? method) => method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);
}
