namespace Reasoning.Models.SafeTensors;

/// <summary>Element types of the safetensors format.</summary>
public enum SafeTensorsDType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,
    U8,
    I8,
    F8E5M2,
    F8E4M3,
    I16,
    U16,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>The upper half of an IEEE single.</summary>
    BF16,
    I32,
    U32,
    F32,
    F64,
    I64,
    U64,
}
