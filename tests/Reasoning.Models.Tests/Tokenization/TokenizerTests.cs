using System.Text;
using Reasoning.Models.Random;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

public sealed class TokenizerTests
{
    [Fact]
    public void Merges_apply_in_the_order_in_which_they_were_learned()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.SentencePiece());
        Assert.Equal(["<s>", "▁abc", "▁ab", "▁", "c", "ab"], tokenizer.Encode("abc ab cab").Select(tokenizer.IdToToken));
        Assert.Equal("abc ab cab", tokenizer.Decode(tokenizer.Encode("abc ab cab")));
    }

    [Fact]
    public void Characters_without_a_token_fall_back_to_bytes()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.SentencePiece());
        string[] expected = ["<s>", "▁", "a", "<0xC3>", "<0xA9>", "<0x0A>", "<0xF0>", "<0x9F>", "<0x98>", "<0x80>"];
        Assert.Equal(expected, tokenizer.Encode("aé\n😀").Select(tokenizer.IdToToken));
        Assert.Equal("aé\n😀", tokenizer.Decode(tokenizer.Encode("aé\n😀")));
        int[] broken = [.. new[] { "<0xF0>", "<0x9F>", "a" }.Select(token => tokenizer.TokenToId(token)!.Value)];
        Assert.Equal("\uFFFD\uFFFDa", tokenizer.Decode(broken));
    }

    [Fact]
    public void Without_byte_fallback_unknown_characters_become_the_unknown_token()
    {
        string json = TinyTokenizers.With(TinyTokenizers.SentencePiece(), "model.byte_fallback", "false");
        Tokenizer fused = Tokenizer.Parse(json);
        Assert.Equal(["<s>", "▁", "<unk>", "a", "<unk>"], fused.Encode("xyaz").Select(fused.IdToToken));
        Tokenizer apart = Tokenizer.Parse(TinyTokenizers.With(json, "model.fuse_unk", "false"));
        Assert.Equal(["<s>", "▁", "<unk>", "<unk>", "a", "<unk>"], apart.Encode("xyaz").Select(apart.IdToToken));
        Tokenizer none = Tokenizer.Parse(TinyTokenizers.With(json, "model.unk_token", "null"));
        Assert.Contains("U+0078", UserError.Message(() => none.Encode("x")));
    }

    [Fact]
    public void A_whole_word_is_one_token_when_merges_are_ignored()
    {
        string json = TinyTokenizers.With(TinyTokenizers.SentencePiece(), "model.merges", """["a b", "▁ ab"]""");
        Tokenizer merged = Tokenizer.Parse(json);
        Assert.Equal(["▁ab", "c"], merged.Encode("abc", false).Select(merged.IdToToken));
        Tokenizer ignoring = Tokenizer.Parse(TinyTokenizers.With(json, "model.ignore_merges", "true"));
        Assert.Equal(["▁abc"], ignoring.Encode("abc", false).Select(ignoring.IdToToken));
    }

    [Fact]
    public void Long_words_are_merged_like_short_ones()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.SentencePiece());
        for (ulong key = 0; key < 50; key++)
        {
            var random = new KeyedStream(2, key);
            string[] words = [.. Enumerable.Range(0, 60).Select(_ => RandomWord(ref random))];
            // No merge has a space on its right, so the words of a text can as well be encoded one by one.
            Assert.Equal(words.SelectMany(word => tokenizer.Encode(word, false)), tokenizer.Encode(string.Join(' ', words), false));
        }

        static string RandomWord(ref KeyedStream random)
        {
            var word = new StringBuilder();
            for (int length = 1 + random.NextInt(9); length > 0; length--) word.Append("abcé"[random.NextInt(4)]);
            return word.ToString();
        }
    }

    [Fact]
    public void Byte_level_texts_come_back_exactly()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Trained());
        string[] texts =
            ["", " ", "She sold 48 clips.\n\n", "naïve 中文 😀 \u0000\u0001 \u2028", "\uFEFF", "a<|user|>b", "\r\n\t", "<|endoftext|>"];
        foreach (string text in texts)
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text), skipSpecialTokens: false));
    }

    [Fact]
    public void Random_texts_come_back_exactly()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Trained());
        for (ulong key = 0; key < 1000; key++)
        {
            var random = new KeyedStream(3, key);
            var text = new StringBuilder();
            for (int length = random.NextInt(40); length > 0; length--)
            {
                int limit = random.NextInt(3) switch { 0 => 0x80, 1 => 0x3000, _ => 0x110000 };
                if (Rune.TryCreate(random.NextInt(limit), out Rune rune)) text.Append(rune.ToString());
            }
            Assert.Equal(text.ToString(), tokenizer.Decode(tokenizer.Encode(text.ToString()), false));
        }
    }

    [Fact]
    public void Half_a_surrogate_pair_counts_as_the_replacement_character()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Trained());
        Assert.Equal(tokenizer.Encode("a\uFFFDb"), tokenizer.Encode("a\uD83Db"));
    }

    [Fact]
    public void Bytes_that_are_no_text_decode_to_replacement_characters()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Bytes("<|end|>"));
        int first = tokenizer.Encode("é")[0];
        Assert.Equal("\uFFFDa", tokenizer.Decode([first, tokenizer.Encode("a")[0]]));
        Assert.Equal("", tokenizer.Decode([99_999, -1]));
    }

    [Fact]
    public void Special_tokens_are_found_in_the_text_and_left_out_of_it()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Trained(bos: "<|endoftext|>"));
        int[] ids = tokenizer.Encode("<|user|>sold<|endoftext|>");
        Assert.Equal([0, 1], ids[..2]);
        Assert.Equal(0, ids[^1]);
        Assert.True(tokenizer.IsSpecial(1));
        Assert.False(tokenizer.IsSpecial(2));
        Assert.Equal("sold", tokenizer.Decode(ids));
        Assert.Equal("<|endoftext|><|user|>sold<|endoftext|>", tokenizer.Decode(ids, skipSpecialTokens: false));
        Assert.Equal([0], tokenizer.Prefix);
        Assert.Empty(tokenizer.Suffix);
    }

    [Fact]
    public void The_longest_of_several_added_tokens_wins()
    {
        string[] contents = ["<a", "<a>", "<a>b", "b"];
        var parts = new List<(int Start, int Length, int Id)>();
        new AddedTokens(contents.Select((content, id) => new AddedToken(id, content, true, false, false, false, false))).Split("<a>b<a<a>cb<", parts);
        Assert.Equal([2, 0, 1, -1, 3, -1], parts.Select(part => part.Id));
    }

    [Fact]
    public void Added_tokens_that_are_normalized_are_found_in_the_normalized_text()
    {
        string json = TinyTokenizers.With(TinyTokenizers.Bytes("<s>", "ABC"), "normalizer", """{"type":"Lowercase"}""");
        json = TinyTokenizers.With(json, "added_tokens.1.normalized", "true");
        Tokenizer tokenizer = Tokenizer.Parse(json);
        Assert.Equal([1], tokenizer.Encode("aBc"));
        Assert.Equal([0], tokenizer.Encode("<s>"));
        Assert.DoesNotContain(0, tokenizer.Encode("<S>"));
    }

    [Fact]
    public void The_first_and_last_token_come_from_the_post_processor_unless_a_flag_says_otherwise()
    {
        string plain = TinyTokenizers.Bytes("<s>", "</s>");
        Assert.Empty(Tokenizer.Parse(plain, """{"bos_token":"<s>"}""").Prefix);
        Tokenizer both = Tokenizer.Parse(
            plain, """{"bos_token":{"content":"<s>"},"eos_token":"</s>","add_bos_token":true,"add_eos_token":true}""");
        Assert.Equal([0], both.Prefix);
        Assert.Equal([1], both.Suffix);
        Assert.Equal((0, 1), (both.BosId, both.EosId));
        Tokenizer template = Tokenizer.Parse(TinyTokenizers.SentencePiece(), """{"bos_token":"<s>","add_bos_token":true}""");
        Assert.Equal([1], template.Prefix); // once, not twice
        foreach (string flags in (string[])["", "\"add_bos_token\":null,", "\"add_bos_token\":true,\"add_eos_token\":false,"])
            Assert.Equal([1], Tokenizer.Parse(TinyTokenizers.SentencePiece(), $$"""{{{flags}}"bos_token":"<s>"}""").Prefix);
        Tokenizer without = Tokenizer.Parse(
            TinyTokenizers.SentencePiece(), """{"bos_token":"<s>","eos_token":"</s>","add_bos_token":false,"add_eos_token":true}""");
        Assert.Empty(without.Prefix);
        Assert.Equal([2], without.Suffix);
        Assert.Equal([.. template.Encode("ab", addSpecialTokens: false), 2], without.Encode("ab"));
        Assert.Throws<UserErrorException>(() => Tokenizer.Parse(plain, """{"add_bos_token":true}"""));
        Assert.Contains("bos_token", UserError.Message(() => Tokenizer.Parse(plain, """{"bos_token":"<x>"}""")));
    }

    [Fact]
    public void Files_are_copied_and_hashed_as_they_are()
    {
        using var source = new TemporaryFolder();
        using var target = new TemporaryFolder();
        string json = TinyTokenizers.Trained();
        source.Write("tokenizer.json", json);
        source.Write("tokenizer_config.json", """{"eos_token": "<|endoftext|>"}""");
        Tokenizer tokenizer = Tokenizer.Load(source.Path);
        tokenizer.CopyTo(target.Path);
        Assert.Equal(json, File.ReadAllText(target.File("tokenizer.json")));
        Assert.Equal(json, tokenizer.SourceJson);
        Assert.Equal(tokenizer.Hash, Tokenizer.Load(target.File("tokenizer.json")).Hash);
        Assert.Equal(0, Tokenizer.Load(target.Path).EosId);
        Assert.NotEqual(tokenizer.Hash, Tokenizer.Parse(json + " ").Hash);
    }

    [Fact]
    public void A_missing_file_is_named_and_a_SentencePiece_model_explained()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("tokenizer.json: no such file", UserError.Message(() => Tokenizer.Load(folder.Path)));
        folder.Write("tokenizer.model", "x");
        Assert.Contains("SentencePiece", UserError.Message(() => Tokenizer.Load(folder.Path)));
    }

    [Fact]
    public async Task Encoding_is_safe_from_several_threads()
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Trained());
        int[] expected = Tokenizer.Parse(TinyTokenizers.Trained()).Encode(TinyTokenizers.Corpus);
        int[][] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => tokenizer.Encode(TinyTokenizers.Corpus))));
        Assert.All(results, ids => Assert.Equal(expected, ids));
    }
}
