using System.Text;
using Xunit;

namespace Causeway.Matrix.Tests;

/// <summary>The vectors of the appendices, "Cryptographic Test Vectors".</summary>
public sealed class SigningTests
{
    private static readonly EventSigner Signer = new(ServerName.Parse("domain"), SigningKey.FromSeed("ed25519:1", Seed()));

    [Theory]
    [InlineData("{}", """{"signatures":{"domain":{"ed25519:1":"K8280/U9SSy9IVtjBuVeLr+HpOB4BQFWbg+UZaADMtTdGYI7Geitb76LTrr5QV/7Xg4ahLwYGYZzuHGZKM5ZAQ"}}}""")]
    [InlineData("""{"one":1,"two":"Two"}""", """{"one":1,"signatures":{"domain":{"ed25519:1":"KqmLSbO39/Bzb0QIYE82zqLwsA+PDzYIpIRA2sRQ4sL53+sN6/fpNSoqE7BP7vBZhG6kYdD13EIMJpvhJI+6Bw"}},"two":"Two"}""")]
    public void Json_is_signed_as_the_specification_shows(string json, string expected)
    {
        byte[] signed = SignedJson.Sign(Encoding.UTF8.GetBytes(json), Signer);
        Assert.Equal(expected, Encoding.UTF8.GetString(signed));
        Assert.True(SignedJson.Verify(signed, "domain", "ed25519:1", Signer.Key.PublicKey));
        Assert.Equal(["ed25519:1"], SignedJson.KeyIdsOf(signed, "domain"));
        Assert.Empty(SignedJson.KeyIdsOf(signed, "other"));
    }

    [Theory]
    [InlineData(
        """{"room_id":"!x:domain","sender":"@a:domain","origin":"domain","origin_server_ts":1000000,"signatures":{},"hashes":{},"type":"X","content":{},"prev_events":[],"auth_events":[],"depth":3,"unsigned":{"age_ts":1000000}}""",
        "5jM4wQpv6lnBo7CLIghJuHdW+s2CMBJPUOGOC89ncos",
        "KxwGjPSDEtvnFgU00fwFz+l6d2pJM6XBIaMEn81SXPTRl16AqLAYqfIReFGZlHi5KLjAWbOoMszkwsQma+lYAg")]
    [InlineData(
        """{"content":{"body":"Here is the message content"},"event_id":"$0:domain","origin":"domain","origin_server_ts":1000000,"type":"m.room.message","room_id":"!r:domain","sender":"@u:domain","signatures":{},"unsigned":{"age_ts":1000000}}""",
        "onLKD1bGljeBWQhWZ1kaP9SorVmRQNdN5aM2JYU2n/g",
        "Wm+VzmOUOz08Ds+0NTWb1d4CZrVsJSikkeRxh6aCcUwu6pNC78FunoD7KNWzqFn241eYHYMGCA5McEiVPdhzBA")]
    public void Events_are_hashed_and_signed_as_the_specification_shows(string json, string hash, string signature)
    {
        byte[] canonical = CanonicalJson.Canonicalise(Encoding.UTF8.GetBytes(json));
        Assert.Equal(hash, UnpaddedBase64.Encode(EventHashes.ContentHash(canonical)));

        RoomVersionRules rules = RoomVersionRules.Find("1")!;
        byte[] hashed = Test.With(canonical, "hashes", $$"""{"sha256":"{{hash}}"}""");
        byte[] signed = Test.With(hashed, "signatures", $$$"""{"domain":{"ed25519:1":"{{{signature}}}"}}""");
        Assert.Equal(signature, UnpaddedBase64.Encode(Signer.Key.Sign(EventHashes.RedactedEssential(hashed, rules))));
        Assert.True(EventHashes.VerifyContentHash(signed));
        Assert.True(EventHashes.VerifySignature(signed, rules, Signer.Server, "ed25519:1", Signer.Key.PublicKey));
        Assert.True(EventHashes.VerifySignature(
            Redaction.Redact(signed, rules), rules, Signer.Server, "ed25519:1", Signer.Key.PublicKey));

        byte[] tampered = Test.With(signed, "sender", "\"@b:domain\"");
        Assert.False(EventHashes.VerifyContentHash(tampered));
        Assert.False(EventHashes.VerifySignature(tampered, rules, Signer.Server, "ed25519:1", Signer.Key.PublicKey));
    }

    [Fact]
    public void Signing_keeps_other_signatures_and_unsigned()
    {
        byte[] signed = SignedJson.Sign("""{"unsigned":{"z":1},"signatures":{"a":{"ed25519:x":"AA"},"domain":{"ed25519:0":"BB","ed25519:2":"CC"}}}"""u8, Signer);
        string text = Encoding.UTF8.GetString(signed);
        Assert.StartsWith("""{"signatures":{"a":{"ed25519:x":"AA"},"domain":{"ed25519:0":"BB","ed25519:1":""", text, StringComparison.Ordinal);
        Assert.EndsWith(""","ed25519:2":"CC"}},"unsigned":{"z":1}}""", text, StringComparison.Ordinal);
        Assert.True(SignedJson.Verify(signed, "domain", "ed25519:1", Signer.Key.PublicKey));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("nonsense")]
    [InlineData("""{"signatures":[]}""")]
    [InlineData("""{"signatures":{"domain":1}}""")]
    [InlineData("""{"signatures":{"domain":{"ed25519:1":7}}}""")]
    [InlineData("""{"signatures":{"domain":{"ed25519:1":"!!"}}}""")]
    [InlineData("""{"signatures":{"domain":{"ed25519:1":"AAAA"}}}""")]
    public void What_is_not_signed_does_not_verify(string json) =>
        Assert.False(SignedJson.Verify(Encoding.UTF8.GetBytes(json), "domain", "ed25519:1", Signer.Key.PublicKey));

    [Fact]
    public void Verification_refuses_wrong_lengths_and_wrong_keys()
    {
        byte[] signature = Signer.Key.Sign("hello"u8);
        Assert.True(SignatureVerifier.Verify(Signer.Key.PublicKey, "hello"u8, signature));
        Assert.False(SignatureVerifier.Verify(Signer.Key.PublicKey, "hullo"u8, signature));
        Assert.False(SignatureVerifier.Verify(Signer.Key.PublicKey.AsSpan(1), "hello"u8, signature));
        Assert.False(SignatureVerifier.Verify(Signer.Key.PublicKey, "hello"u8, signature.AsSpan(1)));
        Assert.False(SignatureVerifier.Verify(new byte[32], "hello"u8, signature));
        Assert.True(SignatureVerifier.Verify(Signer.Key.PublicKey, [], Signer.Key.Sign([])));
    }

    [Theory]
    [InlineData("ed25519:")]
    [InlineData("ed25519:a-b")]
    [InlineData("rsa:1")]
    [InlineData("")]
    public void Key_ids_of_another_form_are_refused(string keyId) =>
        Assert.Throws<ArgumentException>(() => SigningKey.FromSeed(keyId, new byte[32]));

    [Fact]
    public void One_key_signs_from_many_threads() => Parallel.For(0, 200, i =>
    {
        byte[] message = Encoding.UTF8.GetBytes($"message {i}");
        Assert.True(SignatureVerifier.Verify(Signer.Key.PublicKey, message, Signer.Key.Sign(message)));
    });

    private static byte[] Seed() => UnpaddedBase64.TryDecode("YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1", out byte[] seed) ? seed : [];
}
