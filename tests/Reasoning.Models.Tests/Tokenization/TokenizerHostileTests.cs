namespace Reasoning.Models.Tests.Formats;

public sealed class TokenizerHostileTests
{
    [Theory]
    [InlineData("model.type", "\"Unigram\"", "supported is BPE")]
    [InlineData("model.dropout", "0.1", "random")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "not supported")]
    [InlineData("model.continuing_subword_prefix", "\"##\"", "not supported")]
    [InlineData("model.vocab", "{}", "vocabulary is empty")]
    [InlineData("model.vocab.a", "-1", "an integer from 0")]
    [InlineData("model.vocab.a", "99999999", "an integer from 0")]
    [InlineData("model.vocab.a", "1", "has the id 1 of '<s>'")]
    [InlineData("model.merges.0", "\"ab\"", "merges[0]")]
    [InlineData("model.merges.0", "\"a  b\"", "merges[0]")]
    [InlineData("model.merges.0", "[\"a\"]", "merges[0]")]
    [InlineData("model.merges.2", "\"a x\"", "needs the token 'x'")]
    [InlineData("model.merges", "{}", "must be an array")]
    [InlineData("model.unk_token", "\"nope\"", "not in the vocabulary")]
    [InlineData("model", "null", "field 'model' is missing")]
    [InlineData("added_tokens.0.id", "5", "gives '<unk>' the id 0")]
    [InlineData("added_tokens.0", """{"id":900000,"content":"<new>"}""", "too far beyond")]
    [InlineData("added_tokens.0.content", "\"new\"", "belongs to '<unk>'")]
    [InlineData("added_tokens.0.content", "\"<s>\"", "id")]
    [InlineData("added_tokens.0.content", "\"\"", "is empty")]
    [InlineData("added_tokens", "{}", "must be an array")]
    [InlineData("normalizer.type", "\"Precompiled\"", "'Precompiled', a normalizer that is not supported")]
    [InlineData("pre_tokenizer", """{"type":"BertPreTokenizer"}""", "'BertPreTokenizer', a pre-tokenizer that is not supported")]
    [InlineData("post_processor.type", "\"Odd\"", "'Odd', a post-processor that is not supported")]
    [InlineData("post_processor.single.0.SpecialToken.id", "\"<x>\"", "post_processor.special_tokens.<x>")]
    [InlineData("post_processor.special_tokens.<s>.ids", "[4000]", "is no token")]
    [InlineData("post_processor.single", "[]", "no place for the text")]
    [InlineData("decoder.type", "\"WordPiece\"", "'WordPiece', a decoder that is not supported")]
    [InlineData("decoder.decoders.3.content", "\"ab\"", "one character")]
    [InlineData("model.type", "\"WordLevel\"", "'WordLevel', a model that is not supported")]
    [InlineData("model.vocab", "[[\"a\", 0.5]]", "field 'model.vocab' must be an object")]
    [InlineData("model.dropout", "true", "field 'model.dropout' must be a number")]
    [InlineData("model.vocab.a", "1.5", "found the number 1.5")]
    [InlineData("model.merges.1", "7", "field 'model.merges[1]' must be \"a b\" or [\"a\", \"b\"]")]
    [InlineData("normalizer", """{"type":"BertNormalizer"}""", "'BertNormalizer', a normalizer that is not supported")]
    [InlineData("decoder", """{"type":"CTC"}""", "'CTC', a decoder that is not supported")]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"Fixed"}]}""", "pre_tokenizer.pretokenizers[0].type")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"String":","},"behavior":"Sideways"}""", "'Sideways'")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"String":""},"behavior":"Isolated"}""", "is empty")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"ab"}""", "one character")]
    [InlineData("pre_tokenizer", "{}", "pre_tokenizer.type")]
    public void Bad_or_unknown_parts_are_named(string path, string value, string expected)
    {
        string json = TinyTokenizers.With(TinyTokenizers.SentencePiece(), path, value);
        UserErrorException error = Assert.Throws<UserErrorException>(() => Tokenizer.Parse(json));
        Assert.StartsWith("tokenizer.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_pattern_that_backtracks_without_end_is_stopped()
    {
        string json = TinyTokenizers.With(
            TinyTokenizers.Bytes(), "pre_tokenizer", """{"type":"Split","pattern":{"Regex":"(a|aa|aaa)+b"},"behavior":"Isolated"}""");
        Tokenizer tokenizer = Tokenizer.Parse(json);
        UserErrorException error = Assert.Throws<UserErrorException>(() => tokenizer.Encode(new string('a', 5000)));
        Assert.Contains("takes too long", error.Message);
    }

    [Theory]
    [InlineData("pre_tokenizer", """{"type":"Sequence","pretokenizers":[{"type":"ByteLevel"},{"type":"ByteLevel"}]}""", "a second time")]
    [InlineData("pre_tokenizer", "digits", "at most 32")]
    [InlineData("normalizer", "lowercase", "at most 32")]
    [InlineData("decoder", "fuse", "at most 32")]
    public void Steps_that_could_multiply_the_text_are_refused(string field, string value, string expected)
    {
        string json = value switch
        {
            "digits" => Many("pretokenizers", """{"type":"Digits"}"""),
            "lowercase" => Many("normalizers", """{"type":"Lowercase"}"""),
            "fuse" => Many("decoders", """{"type":"Fuse"}"""),
            _ => value,
        };
        UserErrorException error =
            Assert.Throws<UserErrorException>(() => Tokenizer.Parse(TinyTokenizers.With(TinyTokenizers.Bytes(), field, json)));
        Assert.Contains(expected, error.Message);

        static string Many(string list, string step) =>
            $$"""{"type":"Sequence","{{list}}":[{{string.Join(',', Enumerable.Repeat(step, 33))}}]}""";
    }

    [Fact]
    public void A_text_that_grows_beyond_all_bounds_is_stopped()
    {
        string steps = string.Join(',', Enumerable.Repeat("""{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaaaa"}""", 20));
        string json = TinyTokenizers.With(TinyTokenizers.Bytes(), "normalizer", $$"""{"type":"Sequence","normalizers":[{{steps}}]}""");
        UserErrorException error = Assert.Throws<UserErrorException>(() => Tokenizer.Parse(json).Encode("a"));
        Assert.Contains("are kept", error.Message);
    }
}
