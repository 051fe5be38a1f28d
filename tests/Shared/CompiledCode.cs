using System.Reflection;
using System.Reflection.Emit;

namespace Reasoning.Tests;

/// <summary>Reads what compilers made of our source.</summary>
internal static class CompiledCode
{
    internal const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> s_opCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value & 0xFFFF);

    /// <summary>An assembly and those of ours that it refers to, directly or not; the program's is called reasoning.</summary>
    internal static IEnumerable<Assembly> WithReferences(Assembly first)
    {
        var seen = new Dictionary<string, Assembly>();
        var queue = new Queue<Assembly>([first]);
        while (queue.TryDequeue(out Assembly? assembly))
        {
            if (!seen.TryAdd(assembly.GetName().Name!, assembly)) continue;
            foreach (AssemblyName name in assembly.GetReferencedAssemblies().Where(name => name.Name!.StartsWith("Reasoning", StringComparison.OrdinalIgnoreCase)))
                queue.Enqueue(Assembly.Load(name));
        }

        return seen.Values;
    }

    /// <summary>What a method names, itself declared by the type: types, methods and fields.</summary>
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
}
