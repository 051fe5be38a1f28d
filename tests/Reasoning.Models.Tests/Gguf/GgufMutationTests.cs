using Reasoning.Models.Tests.Formats;

namespace Reasoning.Models.Tests.Gguf;

/// <summary>Damaged GGUF files: one line for the user, or a file that reads as well as any; never a crash or memory beyond the file's size.</summary>
public sealed class GgufMutationTests(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_headers_only_give_user_errors() => Damage(2000, whole: false);

    [Fact]
    public void Damaged_models_only_give_user_errors() => Damage(150, whole: true);

    [SlowFact]
    public void A_hundred_thousand_damaged_files_only_give_user_errors()
    {
        Damage(100_000, whole: false);
        Damage(2000, whole: true);
    }

    private void Damage(int count, bool whole)
    {
        using var folder = new TemporaryFolder();
        byte[] valid = File.ReadAllBytes(Sample(folder));
        string file = folder.File("bad.gguf");
        long dataStart = DataStart(folder);
        int refused = 0;
        long most = 0;
        for (ulong variant = 0; variant < (ulong)count; variant++)
        {
            byte[] bytes = Mutate(valid, (int)dataStart, variant);
            File.WriteAllBytes(file, bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                if (whole)
                {
                    using Policy policy = Policy.Load(file);
                    continue;
                }

                using GgufReader reader = GgufReader.Open(file);
                foreach (GgufTensor tensor in reader.Tensors.Values) reader.Read(tensor, 0, new float[tensor.Count]);
                foreach (string key in reader.Metadata.Keys) reader.Metadata.Describe(key);
                GgufImport.Config(reader);
            }
            catch (UserErrorException e)
            {
                refused++;
                Assert.StartsWith(file, e.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', e.Message);
                most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }

        output.WriteLine($"{refused} of {count} refused; most memory of a refusal {most:#,0} bytes, the file has {valid.Length:#,0}");
        Assert.InRange(refused, count / 5, count);
        if (!whole) Assert.InRange(most, 0, 16 * valid.Length);
    }

    // Small, with an array of texts, several types and everything that an import needs.
    private static string Sample(TemporaryFolder folder)
    {
        ModelConfig config = GgufModels.Config("llama", 300) with
        {
            HiddenSize = 32,
            IntermediateSize = 32,
            Layers = 1,
            Heads = 2,
            KeyValueHeads = 1,
            HeadDim = 16,
            TieWordEmbeddings = true,
        };
        string model = GgufModels.Write(folder, config, TinyTokenizers.Trained(290));
        return GgufExport.Write(model, folder.File("good.gguf"), [GgufTensorType.Q8_0])[0].File;
    }

    private static long DataStart(TemporaryFolder folder)
    {
        using GgufReader reader = GgufReader.Open(folder.File("good.gguf"));
        return reader.Tensors.Values.Min(tensor => tensor.Offset);
    }

    // Mostly in the header: bits, bytes, whole numbers with telling values, cuts, repeated and removed stretches.
    private static byte[] Mutate(byte[] valid, int header, ulong variant)
    {
        var random = new KeyedStream(41, variant);
        byte[] bytes = [.. valid];
        for (int edits = 1 + random.NextInt(3); edits > 0; edits--)
        {
            int at = random.NextInt(random.NextInt(20) == 0 ? bytes.Length : Math.Min(header, bytes.Length));
            int length = Math.Min(bytes.Length - at, 1 + random.NextInt(16));
            switch (random.NextInt(8))
            {
                case 0: bytes[at] ^= (byte)(1 << random.NextInt(8)); break;
                case 1: bytes[at] = (byte)random.NextInt(256); break;
                case 2 when at + 8 <= bytes.Length:
                    long[] numbers = [0, 1, -1, long.MaxValue, int.MaxValue, 1L << 32, 1L << 40, bytes.Length, bytes.Length - at, 255];
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), numbers[random.NextInt(numbers.Length)]);
                    break;
                case 3 when at + 4 <= bytes.Length:
                    int[] words = [0, 1, -1, 2, 8, 9, 12, 14, 30, 99, int.MaxValue];
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), words[random.NextInt(words.Length)]);
                    break;
                case 4: bytes = bytes[..at]; break;
                case 5: bytes = [.. bytes[..at], .. bytes[(at + length)..]]; break;
                case 6: bytes = [.. bytes[..at], .. bytes[at..(at + length)], .. bytes[at..]]; break;
                default: bytes = [.. bytes[..at], .. new byte[length], .. bytes[at..]]; break;
            }

            if (bytes.Length < 8) break;
        }

        return bytes;
    }
}
