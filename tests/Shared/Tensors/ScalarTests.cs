using System.Reflection;
using TorchSharp;

namespace Reasoning.Tests;

/// <summary>
/// Every number that libtorch reads is held until the call returns (<see cref="Models.Arithmetic"/> says why): in <see cref="Models.Arithmetic"/>,
/// or in a local variable of type <see cref="Scalar"/>, as <c>using</c> makes one.
/// </summary>
public sealed class ScalarTests
{
    [Fact]
    public void No_number_can_be_freed_while_libtorch_reads_it()
    {
        HashSet<(Module, int)> lettingGo = LettingGo();
        Assert.Contains(Key(typeof(torch).GetMethod(nameof(torch.add), [typeof(torch.Tensor), typeof(torch.Tensor)])!), lettingGo);
        Assert.DoesNotContain(Key(typeof(torch).GetMethod(nameof(torch.mul), [typeof(torch.Tensor), typeof(torch.Tensor)])!), lettingGo);
        string[] calls =
        [
            .. from pair in Methods(CompiledCode.WithReferences(typeof(ScalarTests).Assembly))
               where (pair.Type.Name, pair.Method.Name) is not ("ArithmeticTests", "It_computes_what_the_operators_do")
               let named = Named(pair.Method, pair.Type).ToList()
               let letsGo = pair.Method.Name != ".cctor" && LetsGo(pair.Method, named) // what is static is held for ever
               from call in named.Where(called => lettingGo.Contains(Key(called)) || (letsGo && IsConversion(called)))
               select $"{pair.Type.Name}.{pair.Method.Name} calls {call.DeclaringType!.Name}.{call.Name}",
        ];
        Assert.True(calls.Length == 0, "numbers that nothing holds while libtorch reads them (see Reasoning.Models/Arithmetic.cs):\n" + string.Join('\n', calls));
    }

    /// <summary>Methods of TorchSharp that make a number of their own and let go of it, or call one that does.</summary>
    private static HashSet<(Module, int)> LettingGo()
    {
        var callers = new Dictionary<(Module, int), List<(Module, int)>>();
        var queue = new Queue<(Module, int)>();
        foreach ((MethodBase method, Type type) in Methods([typeof(torch).Assembly]).Where(pair => pair.Type != typeof(Scalar) && pair.Type != typeof(ScalarExtensionMethods)))
        {
            List<MethodBase> named = [.. Named(method, type)];
            if (LetsGo(method, named)) queue.Enqueue(Key(method));
            foreach (MethodBase called in named)
            {
                if (!callers.TryGetValue(Key(called), out List<(Module, int)>? known)) callers[Key(called)] = known = [];
                known.Add(Key(method));
            }
        }

        var found = new HashSet<(Module, int)>();
        while (queue.TryDequeue(out (Module, int) method))
        {
            if (!found.Add(method) || !callers.TryGetValue(method, out List<(Module, int)>? above)) continue;
            foreach ((Module, int) caller in above) queue.Enqueue(caller);
        }

        return found;
    }

    /// <summary>A number in a variable is held by it; compilers give one to each <c>using</c>.</summary>
    private static bool LetsGo(MethodBase method, List<MethodBase> named) =>
        named.Count(IsConversion) > (method.GetMethodBody()?.LocalVariables.Count(local => local.LocalType == typeof(Scalar)) ?? 0);

    private static bool IsConversion(MethodBase called) =>
        (called.DeclaringType == typeof(Scalar) && called.Name == "op_Implicit") || called.DeclaringType == typeof(ScalarExtensionMethods);

    private static IEnumerable<(MethodBase Method, Type Type)> Methods(IEnumerable<Assembly> assemblies) =>
        from assembly in assemblies
        from type in assembly.GetTypes()
        from method in (MethodBase[])[.. type.GetMethods(CompiledCode.All), .. type.GetConstructors(CompiledCode.All)]
        select (method, type);

    private static IEnumerable<MethodBase> Named(MethodBase method, Type type) => CompiledCode.Named(method, type).OfType<MethodBase>();

    private static (Module Module, int Token) Key(MethodBase method) => (method.Module, method.MetadataToken);
}
