namespace Reasoning.Models.Config;

/// <summary>What a tensor is for, as far as its form in a GGUF file depends on it.</summary>
internal enum TensorRole
{
    /// <summary>A matrix like any other.</summary>
    Matrix,

    /// <summary>The embedding, which is not the head, too.</summary>
    Embedding,

    /// <summary>The output head, or an embedding that serves as the head.</summary>
    Head,

    /// <summary>Rows are the dimensions of query heads.</summary>
    Query,

    /// <summary>Rows are the dimensions of key heads.</summary>
    Key,

    /// <summary>The weight of a norm.</summary>
    Norm,

    /// <summary>A bias.</summary>
    Bias,
}
