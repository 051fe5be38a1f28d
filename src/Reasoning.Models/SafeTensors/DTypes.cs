namespace Reasoning.Models.SafeTensors;

/// <summary>Names and sizes of the element types, as the format spells them.</summary>
internal static class DTypes
{
    private static readonly (SafeTensorsDType Type, string Name, int Size)[] s_all =
    [
        (SafeTensorsDType.Bool, "BOOL", 1),
        (SafeTensorsDType.U8, "U8", 1),
        (SafeTensorsDType.I8, "I8", 1),
        (SafeTensorsDType.F8E5M2, "F8_E5M2", 1),
        (SafeTensorsDType.F8E4M3, "F8_E4M3", 1),
        (SafeTensorsDType.I16, "I16", 2),
        (SafeTensorsDType.U16, "U16", 2),
        (SafeTensorsDType.F16, "F16", 2),
        (SafeTensorsDType.BF16, "BF16", 2),
        (SafeTensorsDType.I32, "I32", 4),
        (SafeTensorsDType.U32, "U32", 4),
        (SafeTensorsDType.F32, "F32", 4),
        (SafeTensorsDType.F64, "F64", 8),
        (SafeTensorsDType.I64, "I64", 8),
        (SafeTensorsDType.U64, "U64", 8),
    ];

    public static int Size(SafeTensorsDType type) => s_all[(int)type].Size;

    public static string Name(SafeTensorsDType type) => s_all[(int)type].Name;

    public static bool TryParse(string name, out SafeTensorsDType type)
    {
        int index = Array.FindIndex(s_all, entry => entry.Name == name);
        type = index < 0 ? default : s_all[index].Type;
        return index >= 0;
    }
}
