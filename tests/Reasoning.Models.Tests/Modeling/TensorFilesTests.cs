using Reasoning.Models.Modeling;
using Reasoning.Models.SafeTensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

public sealed class TensorFilesTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    /// <summary>Rows of 1,000 numbers that are their index, so that a piece in a wrong place shows; 5 M elements are more than one piece.</summary>
    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void A_tensor_of_several_pieces_comes_back_as_it_was(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor written = Arithmetic.Range(5_000_000, ScalarType.Float32, CPU).view(5_000, 1_000).to(type), read = zeros_like(written);
        SafeTensorsWriter.Write(_file, [TensorFiles.Source("t", written)]);
        using SafeTensorsReader file = SafeTensorsReader.Open(_file);
        TensorFiles.Fill(read, file, "t");

        Assert.True(read.equal(written).all().item<bool>());
        Assert.Contains("[5000, 1000]", Assert.Throws<UserErrorException>(() => TensorFiles.Fill(read.view(1_000, 5_000), file, "t")).Message);
    }
}
