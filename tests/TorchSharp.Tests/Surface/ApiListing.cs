using System.Text.RegularExpressions;

namespace TorchSharp.Tests.Surface;

/// <summary>
/// The public API of the real package as written in torchsharp-api.txt: types with their members, one signature a line,
/// brought into the form that <see cref="ApiRendering"/> gives to reflected members.
/// </summary>
internal sealed partial class ApiListing
{
    private static readonly HashSet<string> s_valueTypes =
    [
        "bool", "byte", "sbyte", "short", "ushort", "int", "uint", "long", "ulong", "float", "double", "char", "IntPtr",
        "torch.ScalarType", "DeviceType", "TensorIndex", "torch.Size", "BFloat16", "Half", "Complex", "Range",
    ];

    private readonly Dictionary<string, Dictionary<string, ApiMember>> _members = [];
    private readonly Dictionary<string, ApiType> _types = [];
    private readonly HashSet<string> _words = [];

    private ApiListing(IEnumerable<string> lines)
    {
        string section = "";
        string? owner = null;
        foreach (string line in lines)
        {
            _words.UnionWith(Words().Matches(line).Select(static match => match.Value));
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                section = line[3..];
                owner = null;
            }
            else if (line.Length > 0 && line[0] != '#' && line[0] != '-')
            {
                Read(line, section, ref owner);
            }
        }
    }

    internal static ApiListing Parse(IEnumerable<string> lines) => new(lines);

    /// <summary>Whether a type is described, or at least named somewhere in a signature.</summary>
    internal bool Mentions(string type) => _types.ContainsKey(type) || _members.ContainsKey(type) || _words.Contains(type);

    internal ApiType? Type(string name) => _types.GetValueOrDefault(name);

    internal ApiMember? Member(string owner, string signature)
        => _members.TryGetValue(owner, out var members) ? members.GetValueOrDefault(signature) : null;

    /// <summary>Signatures of the owner's members with this name, for messages.</summary>
    internal IEnumerable<string> Similar(string owner, string name)
        => _members.TryGetValue(owner, out var members) ? members.Keys.Where(key => Regex.IsMatch(key, $@"\b{Regex.Escape(name)}\b[<(\s]")) : [];

    private void Read(string line, string section, ref string? owner)
    {
        string text = Comment().Replace(line, "").TrimEnd();
        bool indented = text.StartsWith("  ", StringComparison.Ordinal);
        text = text.Trim();
        Match type = TypeHeader().Match(text);
        if (type.Success)
        {
            owner = type.Groups["name"].Value;
            _types.TryAdd(owner, new ApiType(
                type.Groups["modifiers"].Value.Trim(),
                type.Groups["kind"].Value,
                type.Groups["kind"].Value == "enum" ? "" : Canonical(type.Groups["base"].Value),
                type.Groups["kind"].Value == "enum" ? EnumMembers(type.Groups["base"].Value) : []));
            _members.TryAdd(owner, []);
        }
        else if (indented && owner is not null)
        {
            Add(owner, text);
        }
        else if (section.StartsWith("torch.Tensor ", StringComparison.Ordinal))
        {
            Add("Tensor", text);
        }
        else if (ExtensionMember().Match(text) is { Success: true } extension)
        {
            Add(extension.Groups["owner"].Value, extension.Groups["member"].Value);
        }
        else if (StaticMember().Match(text) is { Success: true } member)
        {
            Add(member.Groups["owner"].Value, $"static {member.Groups["type"].Value} {member.Groups["rest"].Value}");
        }
    }

    private void Add(string owner, string text)
    {
        bool overridable = false, isAbstract = false;
        text = Modifier().Replace(text, match =>
        {
            overridable |= match.Value == "virtual ";
            isAbstract |= match.Value == "abstract ";
            return "";
        });
        bool unnamedTuples = text.Contains("ValueTuple<", StringComparison.Ordinal);
        string signature = Canonical(text);
        string accessors = "";
        if (Accessors().Match(signature) is { Success: true } match)
        {
            accessors = match.Groups["accessors"].Value;
            signature = signature[..match.Index];
        }

        if (!_members.TryGetValue(owner, out var members))
            _members[owner] = members = [];
        members.TryAdd(signature, new ApiMember(overridable, isAbstract, accessors, unnamedTuples));
    }

    /// <summary>One spelling: tuples as (A, B), no nullability marks on reference types.</summary>
    internal static string Canonical(string text)
    {
        text = TupleByName().Replace(text, "($1)");
        var result = new System.Text.StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '?' || IsValueTypeBefore(text, i))
                result.Append(text[i]);
        }

        return result.ToString();
    }

    private static bool IsValueTypeBefore(string text, int end)
    {
        if (end > 0 && text[end - 1] == ')')
            return true;
        int start = end;
        while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] is '.' or '_'))
            start--;
        return s_valueTypes.Contains(text[start..end]);
    }

    private static Dictionary<string, long?> EnumMembers(string text)
    {
        var members = new Dictionary<string, long?>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = part.Split('=');
            members[pair[0]] = pair.Length == 2 ? long.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture) : null;
        }

        return members;
    }

    [GeneratedRegex(@"[A-Za-z_][A-Za-z0-9_.]*")]
    private static partial Regex Words();

    [GeneratedRegex(@"\s+// .*$")]
    private static partial Regex Comment();

    [GeneratedRegex(
        @"^(nested: )?(?<modifiers>((sealed|abstract|static) )*)(?<kind>class|struct|interface|enum) (?<name>[\w.]+(<[^>]*>)?)(\s?: (?<base>.*))?$")]
    private static partial Regex TypeHeader();

    [GeneratedRegex(@"^\[(?<owner>\w+)\] (?<member>.*)$")]
    private static partial Regex ExtensionMember();

    [GeneratedRegex(@"^static (?<type>\(.*?\)(\[\])?|[\w.<>\[\]?, ]+?) (?<owner>[\w.]+)\.(?<rest>@?\w+(<[^(]*>)?(\(.*\)|( \{.*\})?))$")]
    private static partial Regex StaticMember();

    [GeneratedRegex(@"\b(virtual|abstract) ")]
    private static partial Regex Modifier();

    [GeneratedRegex(@" \{ (?<accessors>[a-z; ]+) \}$")]
    private static partial Regex Accessors();

    [GeneratedRegex(@"ValueTuple<([^<>]*)>")]
    private static partial Regex TupleByName();
}

/// <param name="Modifiers">sealed, abstract, static or nothing.</param>
/// <param name="Kind">class, struct, interface or enum.</param>
/// <param name="Base">Base class, empty if none is written.</param>
/// <param name="EnumValues">Names and, where written, values of an enum.</param>
internal sealed record ApiType(string Modifiers, string Kind, string Base, IReadOnlyDictionary<string, long?> EnumValues);

/// <param name="Overridable">Written as virtual.</param>
/// <param name="IsAbstract">Written as abstract.</param>
/// <param name="Accessors">"get;" or "get; set;" of a property.</param>
/// <param name="UnnamedTuples">The listing does not tell the names of tuple elements.</param>
internal sealed record ApiMember(bool Overridable, bool IsAbstract, string Accessors, bool UnnamedTuples);
