using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Reasoning.Trainer.Tests;

/// <summary>No run can change another in the same process: what is static stays as it was made, but for what is listed here with its reason.</summary>
public sealed class StaticStateTests
{
    private static readonly Dictionary<string, string> s_allowed = new()
    {
        ["Workers.s_count"] = "the number of threads is one for the process, as it is for libtorch; results do not depend on it",
        ["BallArithmetic.s_pi"] = "digits of a constant, which are the same whoever asks first",
        ["BallArithmetic.s_ln2"] = "digits of a constant, which are the same whoever asks first",
        ["TextPattern.s_compiled"] = "compiled patterns by their text, which are the same whoever asks first",
        ["DeviceBudget.s_fitted"] = "belongs to a model, and goes with it",
        ["NativeLog.s_lines"] = "llama.cpp has one log for the process; lines of it end error messages",
    };

    private static readonly string[] s_changes =
        ["Add", "AddRange", "GetOrAdd", "AddOrUpdate", "Clear", "Enqueue", "Dequeue", "Insert", "Pop", "Push", "Remove", "set_Item", "TryAdd", "TryRemove", "UnionWith"];

    [Fact]
    public void What_is_static_can_only_be_read()
    {
        string[] fields =
        [
            .. from type in Types()
               from field in type.GetFields(CompiledCode.All)
               where field is { IsStatic: true, IsLiteral: false, IsInitOnly: false } && !field.IsDefined(typeof(ThreadStaticAttribute))
               where field.Name is not ['<', '>', ..] && !s_allowed.ContainsKey(Name(field))
               select Name(field),
        ];
        Assert.True(fields.Length == 0, "static fields that can change:\n" + string.Join('\n', fields));
    }

    [Fact]
    public void Static_collections_are_not_changed_once_they_are_made()
    {
        string[] changes =
        [
            .. from type in Types()
               from method in (MethodBase[])[.. type.GetMethods(CompiledCode.All), .. type.GetConstructors(CompiledCode.All)]
               where method.Name != ".cctor"
               let named = CompiledCode.Named(method, type).ToList()
               from field in named.OfType<FieldInfo>()
               where field.IsStatic && field.FieldType != typeof(string) && field.FieldType.IsAssignableTo(typeof(IEnumerable)) && !s_allowed.ContainsKey(Name(field))
               from called in named.OfType<MethodBase>()
               where called.DeclaringType == field.FieldType && s_changes.Contains(called.Name)
               select $"{type.Name}.{method.Name} calls {called.Name} of {Name(field)}",
        ];
        Assert.True(changes.Length == 0, string.Join('\n', changes));
    }

    [Fact]
    public void What_is_listed_as_allowed_is_there()
    {
        HashSet<string> all = [.. Types().SelectMany(type => type.GetFields(CompiledCode.All)).Where(field => field.IsStatic).Select(Name)];
        Assert.All(s_allowed.Keys, name => Assert.Contains(name, all));
    }

    private static IEnumerable<Type> Types() => FolderTests.Libraries().SelectMany(library => library.GetTypes())
        .Where(type => type.Namespace?.StartsWith("Reasoning.", StringComparison.Ordinal) == true && !type.IsDefined(typeof(CompilerGeneratedAttribute)));

    private static string Name(FieldInfo field) => $"{field.DeclaringType!.Name}.{field.Name}";
}
