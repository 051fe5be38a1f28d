using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Trainer.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Distributed;

/// <summary>
/// Calls of NCCL, on a library of the same functions for main memory (nccl.c): NCCL itself needs a GPU for each rank. What this cannot show is
/// what a GPU does with them.
/// </summary>
public sealed class NcclTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Sums_are_the_bits_that_go_through_main_memory(int count)
    {
        using var folder = new TempFolder();
        nint library = Built(folder);
        float[][][] expected = ThreadRanks.Run(count, Sums);
        float[][][] got = ThreadRanks.Run(count, ranks =>
        {
            ranks.Connect(library);
            Assert.Equal("from GPU to GPU, by NCCL 2.27.3", ranks.GradientsGo);
            return Sums(ranks);
        });
        for (int rank = 0; rank < count; rank++)
            Assert.All(expected[rank].Zip(got[rank]), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second)));
        Assert.NotEqual(0, expected[0][0][0]);

        static float[][] Sums(Ranks ranks)
        {
            using DisposeScope scope = NewDisposeScope();
            long[] lengths = [5, (8 << 20) + 3, 1]; // the second is more than a bucket
            Tensor[] tensors = [.. lengths.Select(length => Arithmetic.Range(length, ScalarType.Float32, CPU).Plus(ranks.Rank).Plus(1).sin())];
            ranks.Sum(tensors);
            return [.. tensors.Select(Floats.Of)];
        }
    }

    [Fact]
    public void Where_it_does_not_connect_all_ranks_go_through_main_memory_and_say_why()
    {
        using var folder = new TempFolder();
        nint library = Built(folder), busy = Built(folder, "-DONE_GPU");
        foreach ((Func<int, nint?> found, string why) in new (Func<int, nint?>, string)[]
        {
            (_ => busy, "NCCL: invalid usage; NCCL_DEBUG=WARN makes it say more"),
            (rank => rank == 1 ? null : library, "there is no NCCL for them"),
        })
        {
            string[] said = ThreadRanks.Run(2, ranks =>
            {
                ranks.Connect(found(ranks.Rank));
                using DisposeScope scope = NewDisposeScope();
                Tensor own = ones(3);
                ranks.Sum([own]);
                Assert.Equal(2, own[2].item<float>());
                return ranks.GradientsGo;
            });
            Assert.Equal([$"through main memory: {why}", $"through main memory: {why}"], said);
        }
    }

    private static nint Built(TempFolder folder, params string[] options)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && OtherProgram.Start("cc", ["--version"], "", 20).Code == 0, "there is no C compiler (Debian: apt-get install gcc libc6-dev)");
        string file = folder.File($"libnccl{options.Length}.so");
        OtherProgram.Run(
            "cc", ["-shared", "-fPIC", "-pthread", .. options, "-o", file, Repository.Path("tests/Reasoning.Trainer.Tests/Distributed/nccl.c")], "", seconds: 60);
        return Nccl.Library(file)!.Value;
    }
}
