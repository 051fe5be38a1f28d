using System.IO.MemoryMappedFiles;
using System.Reflection;
using System.Text.RegularExpressions;
using Reasoning.Models.Devices;
using Reasoning.Models.Files;
using static Reasoning.Tests.CompiledCode;

namespace Reasoning.Trainer.Tests;

/// <summary>The namespace of a file is its folder, and dependencies between folders have no cycles, direct or indirect.</summary>
public sealed partial class FolderTests
{
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

    internal static IEnumerable<Assembly> Libraries() => WithReferences(typeof(Trainer.Recipes.Recipe).Assembly);

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
