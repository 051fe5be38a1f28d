using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Import;
using Reasoning.Models.Policies;
using Reasoning.Models.Tests.Formats;
using Reasoning.Models.Tests.Mutation;

namespace Reasoning.Models.Tests.Gguf;

/// <summary>What the readers of GGUF files owe to damaged input: see <see cref="HostileInputs"/>.</summary>
public sealed class GgufMutationTests(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_headers_only_give_user_errors() => Headers(HostileInputs.Few);

    [Fact]
    public void Damaged_models_only_give_user_errors() => Models(150);

    [SlowFact]
    public void A_hundred_thousand_damaged_files_only_give_user_errors()
    {
        Headers(HostileInputs.Many);
        Models(2000);
    }

    private void Headers(int count) => Damage(count, 109, 1 << 19, ReadHeader);

    // A model, its tokenizer and the buffers of its reader come to more than the file.
    private void Models(int count) => Damage(count, 110, 4 << 20, file => Policy.Load(file).Dispose());

    private void Damage(int count, ulong seed, long constant, Action<string> read)
    {
        using var folder = new TemporaryFolder();
        byte[] valid = File.ReadAllBytes(Sample(folder));
        string file = folder.File("bad.gguf");
        HostileInputs.Check([valid], count, seed, constant, output, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            try
            {
                read(file);
            }
            catch (UserErrorException e)
            {
                Assert.StartsWith(file, e.Message, StringComparison.Ordinal);
                throw;
            }
        });
    }

    private static void ReadHeader(string file)
    {
        using GgufReader reader = GgufReader.Open(file);
        foreach (GgufTensor tensor in reader.Tensors.Values) reader.Read(tensor, 0, new float[tensor.Count]);
        foreach (string key in reader.Metadata.Keys) reader.Metadata.Describe(key);
        GgufImport.Config(reader);
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
}
