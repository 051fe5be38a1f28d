using System.IO.MemoryMappedFiles;
using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;
using Reasoning.Models.Devices;
using Reasoning.Models.Files;

namespace Reasoning.Trainer.Tests;

/// <summary>The namespace of a file is its folder, and dependencies between folders have no cycles, direct or indirect.</summary>
public sealed partial class FolderTests
{
    internal const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> s_opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value & 0xFFFF);

    [Fact]
    public void Namespaces_are_folders()
    {
        string source = Repository.Path("src");
        foreach (string file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories))
        {
            string? name = Namespace().Match(File.ReadAllText(file)) is { Success: true } match ? match.Groups[1].Value : null;
            string folder = Path.GetRelativePath(source, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');
            Assert.True(name is null || name == folder, $"{file}: namespace {name} is not its folder, {folder}");
        }
    }

    [Fact]
    public void The_map_names_files_that_are_there()
    {
        string folder = "";
        int files = 0;
        foreach (string line in File.ReadLines(Repository.Path("docs/ARCHITECTURE.md")))
        {
            if (Project().Match(line) is { Success: true } project) folder = project.Groups[1].Value;
            foreach (Match file in Entry().Matches(line))
            {
                Assert.True(File.Exists(Repository.Path($"{folder}/{file.Groups[1].Value}")), line);
                files++;
            }
        }

        Assert.InRange(files, 35, 50);
    }

    [Fact]
    public void No_two_folders_use_each_other()
    {
        Dictionary<string, Dictionary<string, string>> uses = [];
        foreach (Type type in Libraries().SelectMany(library => library.GetTypes()).Where(IsOurs))
        {
            Dictionary<string, string> from = uses.TryGetValue(type.Namespace!, out var known) ? known : uses[type.Namespace!] = [];
            foreach (Type used in Used(type).Where(used => IsOurs(used) && used.Namespace != type.Namespace))
                from.TryAdd(used.Namespace!, $"{type.Name} uses {used.Name}");
        }

        Assert.True(uses.Count > 30 && uses.Values.Sum(targets => targets.Count) > 100, "the graph is not drawn");
        string[] circles =
        [
            .. from folder in uses
               from use in folder.Value
               where Reached(use.Key, uses).Contains(folder.Key)
               select $"{folder.Key} → {use.Key}: {use.Value}",
        ];
        Assert.True(circles.Length == 0, "folders use each other:\n" + string.Join('\n', circles));
    }

    [Fact]
    public void Only_one_place_opens_files()
    {
        string[] others =
        [
            .. from type in Libraries().SelectMany(library => library.GetTypes())
               where IsOurs(type) && type.Namespace != typeof(RegularFile).Namespace && type != typeof(NativeLibraries)
               from method in (MethodBase[])[.. type.GetMethods(All), .. type.GetConstructors(All)]
               from called in Called(method, type)
               where Opens(called)
               select $"{type.FullName}.{method.Name} calls {called.DeclaringType!.Name}.{called.Name}",
        ];
        Assert.True(others.Length == 0, "files are opened elsewhere than in RegularFile:\n" + string.Join('\n', others));
        MethodInfo opener = typeof(RegularFile).GetMethod("OpenCore", All)!;
        Assert.Contains(Called(opener, typeof(RegularFile)), Opens);

        static bool Opens(MethodBase called) => called.DeclaringType switch
        {
            Type type when type == typeof(File) => called.Name.StartsWith("Open", StringComparison.Ordinal) || called.Name.StartsWith("Read", StringComparison.Ordinal)
                || called.Name.StartsWith("Append", StringComparison.Ordinal),
            Type type when type == typeof(FileInfo) => called.Name.StartsWith("Open", StringComparison.Ordinal),
            Type type when type == typeof(FileStream) || type == typeof(StreamReader) || type == typeof(MemoryMappedFile) =>
                called.GetParameters() is [{ ParameterType: { } first }, ..] && first == typeof(string),
            _ => false,
        };
    }

    private static HashSet<string> Reached(string from, Dictionary<string, Dictionary<string, string>> uses)
    {
        var reached = new HashSet<string>();
        var queue = new Queue<string>([from]);
        while (queue.TryDequeue(out string? folder))
        {
            if (!uses.TryGetValue(folder, out Dictionary<string, string>? next)) continue;
            foreach (string name in next.Keys.Where(reached.Add)) queue.Enqueue(name);
        }

        return reached;
    }

    internal static IEnumerable<Assembly> Libraries()
    {
        var seen = new Dictionary<string, Assembly>();
        var queue = new Queue<Assembly>([typeof(Trainer.Recipes.Recipe).Assembly]);
        while (queue.TryDequeue(out Assembly? assembly))
        {
            if (!seen.TryAdd(assembly.GetName().Name!, assembly)) continue;
            foreach (AssemblyName name in assembly.GetReferencedAssemblies().Where(name => name.Name!.StartsWith("Reasoning.", StringComparison.Ordinal)))
                queue.Enqueue(Assembly.Load(name));
        }

        return seen.Values;
    }

    private static bool IsOurs(Type type) => type.Namespace?.StartsWith("Reasoning.", StringComparison.Ordinal) == true;

    private static IEnumerable<Type> Used(Type type)
    {
        IEnumerable<Type> shown =
        [
            .. type.GetInterfaces(), .. type.BaseType is { } above ? (Type[])[above] : [],
            .. type.GetFields(All).Select(field => field.FieldType),
            .. type.GetProperties(All).Select(property => property.PropertyType),
            .. type.CustomAttributes.Concat(type.GetProperties(All).SelectMany(property => property.CustomAttributes)).Select(data => data.AttributeType),
        ];
        IEnumerable<MethodBase> methods = [.. type.GetMethods(All), .. type.GetConstructors(All)];
        return shown.Concat(methods.SelectMany(method => Used(method, type))).SelectMany(Parts).Distinct();
    }

    private static IEnumerable<Type> Used(MethodBase method, Type type)
    {
        foreach (ParameterInfo parameter in method.GetParameters()) yield return parameter.ParameterType;
        if (method is MethodInfo { ReturnType: { } result }) yield return result;
        if (method.GetMethodBody() is not { } body) yield break;
        foreach (LocalVariableInfo local in body.LocalVariables) yield return local.LocalType;
        foreach (MemberInfo member in Named(method, type))
        {
            if (member is Type named) yield return named;
            else if (member.DeclaringType is { } owner) yield return owner;
        }
    }

    private static IEnumerable<MethodBase> Called(MethodBase method, Type type) => Named(method, type).OfType<MethodBase>();

    internal static IEnumerable<MemberInfo> Named(MethodBase method, Type type)
    {
        if (method.GetMethodBody() is not { } body) yield break;
        Type[]? typeArguments = type.IsGenericType ? type.GetGenericArguments() : null;
        Type[]? methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        foreach (int token in Tokens(body.GetILAsByteArray()!))
        {
            if (type.Module.ResolveMember(token, typeArguments, methodArguments) is { } member) yield return member;
        }
    }

    /// <summary>What the instructions of a method name: types, methods and fields.</summary>
    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (int at = 0; at < code.Length;)
        {
            int value = code[at] == 0xFE ? 0xFE00 | code[at + 1] : code[at];
            at += code[at] == 0xFE ? 2 : 1;
            OperandType operand = s_opCodes[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
                yield return BitConverter.ToInt32(code, at);
            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType) return Parts(type.GetElementType()!);
        return type.IsConstructedGenericType ? [type, .. type.GetGenericArguments().SelectMany(Parts)] : [type];
    }

    [GeneratedRegex(@"^\| \*\*(src/[\w.]+)\*\*")]
    private static partial Regex Project();

    [GeneratedRegex(@"^\| `([\w/.]+\.cs)` \|")]
    private static partial Regex Entry();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
