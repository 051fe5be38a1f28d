using System.Buffers;
using Microsoft.ML.Tokenizers;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

/// <summary>A tokenizer of ours in the hands of code that knows Microsoft.ML.Tokenizers only.</summary>
public sealed class LibraryContractTests
{
    public static TheoryData<string> Kinds => Families.Made;

    [Theory]
    [InlineData("aé😀 b", "97:0-1 195:1-1 169:1-2 240:2-2 159:2-2 152:2-2 128:2-4 32:4-5 98:5-6")] // the last byte takes the character in
    [InlineData("<s>a", "<s>:0-3 97:3-4")]
    [InlineData("", "")]
    public void Tokens_of_bytes_know_their_places(string text, string expected)
    {
        Tokenizer tokenizer = Tokenizer.Parse(TinyTokenizers.Bytes("<s>"));
        Assert.Equal(expected, Places(tokenizer, text, token => token.Length == 1 ? $"{ByteAlphabet.ToByte(token[0])}" : token));
    }

    [Theory]
    [InlineData("ab c", "<s>:0-0 ▁ab:0-3 ▁:3-4 c:4-5")] // places count in ▁ab▁c
    [InlineData("abc<s>é", "<s>:0-0 ▁abc:0-4 <s>:4-7 ▁:7-8 <0xC3>:8-8 <0xA9>:8-9")]
    public void Tokens_of_normalized_text_have_places_in_that_text(string text, string expected)
        => Assert.Equal(expected, Places(Tokenizer.Parse(TinyTokenizers.SentencePiece()), text, token => token));

    [Fact]
    public void Unknown_characters_are_one_place_where_they_are_one_token()
    {
        string json = TinyTokenizers.With(TinyTokenizers.SentencePiece(), "model.byte_fallback", "false");
        Assert.Equal("<s>:0-0 ▁:0-1 <unk>:1-4 a:4-5 <unk>:5-6", Places(Tokenizer.Parse(json), "x😀ay", token => token));
        json = TinyTokenizers.With(json, "model.fuse_unk", "false");
        Assert.Equal("<s>:0-0 ▁:0-1 <unk>:1-2 <unk>:2-4 a:4-5 <unk>:5-6", Places(Tokenizer.Parse(json), "x😀ay", token => token));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void All_ways_to_encode_agree(string family)
    {
        Tokenizer ours = Tokenizer.Parse(Families.Json(family));
        Microsoft.ML.Tokenizers.Tokenizer tokenizer = ours;
        bool hasMarks = ours.TokenToId("<0x00>") is not null;
        foreach (string text in Texts(ours))
        {
            int[] ids = ours.Encode(text);
            IReadOnlyList<EncodedToken> tokens = tokenizer.EncodeToTokens(text, out string? normalized);
            Assert.Equal(tokenizer.Normalizer?.Normalize(text) is null, normalized is null);
            string space = normalized ?? text;
            Assert.Equal(ids, tokenizer.EncodeToIds(text));
            Assert.Equal(ids, tokenizer.EncodeToIds(text.AsSpan()));
            Assert.Equal(ids, tokens.Select(token => token.Id));
            Assert.Equal(tokens, tokenizer.EncodeToTokens(text.AsSpan(), out _));
            Assert.Equal((ids.Length, ids.Length), (tokenizer.CountTokens(text), tokenizer.CountTokens(text.AsSpan())));
            Assert.Equal(ours.Decode(ids), tokenizer.Decode(ids));
            int end = 0;
            foreach (EncodedToken token in tokens)
            {
                Assert.Equal((ours.IdToToken(token.Id), end), (token.Value, token.Offset.Start.Value)); // without gaps
                end = token.Offset.End.Value;
                string slice = space[token.Offset];
                if (ours.IsSpecial(token.Id)) Assert.Equal(token.Value, slice);
                else if (!hasMarks && ByteAlphabet.Encode(slice).Length == token.Value.Length) Assert.Equal(token.Value, ByteAlphabet.Encode(slice));
                else if (hasMarks && token.Value.Length != 6) Assert.EndsWith(slice.Replace(' ', '▁'), token.Value, StringComparison.Ordinal);
            }
            Assert.Equal(space.Length, end);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_limit_gives_the_first_or_the_last_tokens(string family)
    {
        Tokenizer ours = Tokenizer.Parse(Families.Json(family));
        Microsoft.ML.Tokenizers.Tokenizer tokenizer = ours;
        foreach (string text in Texts(ours).Where(text => text.Length is > 0 and < 100))
        {
            IReadOnlyList<EncodedToken> all = tokenizer.EncodeToTokens(text, out string? normalized);
            for (int limit = 1; limit <= all.Count + 1; limit++)
            {
                EncodedToken[] first = [.. all.Take(limit)];
                Assert.Equal(first.Select(token => token.Id), tokenizer.EncodeToIds(text, limit, out string? normalText, out int consumed));
                int index = tokenizer.GetIndexByTokenCount(text, limit, out _, out int count);
                Assert.Equal((first[^1].Offset.End.Value, first.Length, normalized), (index, count, normalText));
                Assert.Equal(index, consumed);
                index = tokenizer.GetIndexByTokenCountFromEnd(text.AsSpan(), limit, out _, out count);
                Assert.Equal((all[^first.Length].Offset.Start.Value, first.Length), (index, count));
            }
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.EncodeToIds(text, 0, out _, out _));
            Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.GetIndexByTokenCountFromEnd(text, 0, out _, out _));
        }
    }

    [Theory]
    [InlineData("made like Qwen", """{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}""")]
    [InlineData("made like RoBERTa", """{"type":"ByteLevel","add_prefix_space":true,"use_regex":false}""")]
    [InlineData("made like Mistral", """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":false}""")]
    [InlineData("made like Gemma 3", "null")]
    public void Normalizing_and_cutting_can_be_left_out(string family, string withoutCuts)
    {
        string json = Families.Json(family);
        Microsoft.ML.Tokenizers.Tokenizer tokenizer = Tokenizer.Parse(json);
        Tokenizer raw = Tokenizer.Parse(TinyTokenizers.With(json, "normalizer", "null"));
        Tokenizer uncut = Tokenizer.Parse(TinyTokenizers.With(json, "pre_tokenizer", withoutCuts));
        foreach (string text in Texts(raw))
        {
            Assert.Equal(raw.Encode(text), tokenizer.EncodeToIds(text, considerNormalization: false));
            Assert.Equal(raw.Encode(text), tokenizer.EncodeToTokens(text, out string? normalized, considerNormalization: false).Select(token => token.Id));
            Assert.Null(normalized);
            Assert.Equal(uncut.Encode(text), tokenizer.EncodeToIds(text, considerPreTokenization: false));
        }
    }

    [Fact]
    public void Its_steps_can_be_used_alone()
    {
        Microsoft.ML.Tokenizers.Tokenizer qwen = Tokenizer.Parse(Families.Json("made like Qwen"));
        Assert.Equal("é", qwen.Normalizer!.Normalize("e\u0301"));
        Assert.Equal([(0, 2), (2, 3), (5, 1), (6, 1)], qwen.PreTokenizer!.PreTokenize("ab 😀12"));
        Microsoft.ML.Tokenizers.Tokenizer mistral = Tokenizer.Parse(Families.Json("made like Mistral"));
        Assert.Null(mistral.Normalizer);
        Assert.Equal([(0, 2), (2, 2)], mistral.PreTokenizer!.PreTokenize("ab c".AsSpan()));
        Assert.Null(((Microsoft.ML.Tokenizers.Tokenizer)Tokenizer.Parse(TinyTokenizers.SentencePiece())).PreTokenizer);
        RegexPreTokenizer letters = new(new("[a-z]+"), null);
        Assert.Equal([(0, 2)], new CompositePreTokenizer([letters, qwen.PreTokenizer]).PreTokenize("ab").ToArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Text_that_does_not_fit_is_written_in_whole_characters(string family)
    {
        Tokenizer ours = Tokenizer.Parse(Families.Json(family));
        Microsoft.ML.Tokenizers.Tokenizer tokenizer = ours;
        foreach (string text in Texts(ours).Where(text => text.Length < 60))
        {
            int[] ids = ours.Encode(text);
            string whole = ours.Decode(ids);
            foreach (int room in (int[])[0, 3, whole.Length / 2, whole.Length, whole.Length + 5])
            {
                char[] destination = new char[room];
                OperationStatus status = tokenizer.Decode(ids, destination, out int consumed, out int written);
                string found = new(destination, 0, written);
                Assert.Equal(whole.Length <= room ? OperationStatus.Done : OperationStatus.DestinationTooSmall, status);
                Assert.Equal((ours.Decode(ids[..consumed]), TextRules.WellFormed(found)), (found, found));
                if (status == OperationStatus.Done) Assert.Equal((whole, ids.Length), (found, consumed));
                else Assert.StartsWith(found, whole, StringComparison.Ordinal);
            }
        }
    }

    private static List<string> Texts(Tokenizer tokenizer)
        => [.. Enumerable.Range(0, 300).Select(n => OracleStrings.Text(n, [tokenizer.IdToToken(0)])), "", " ", "\uD800a", "e\u0301\u0323 <|endoftext|> ½"];

    private static string Places(Microsoft.ML.Tokenizers.Tokenizer tokenizer, string text, Func<string, string> spell)
        => string.Join(' ', tokenizer.EncodeToTokens(text, out _).Select(token => $"{spell(token.Value)}:{token.Offset.Start}-{token.Offset.End}"));
}
