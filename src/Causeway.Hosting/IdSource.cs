using System.Security.Cryptography;

namespace Causeway.Hosting;

/// <summary>Random identifiers and secrets, injected so that tests can fix them.</summary>
public class IdSource
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>A string of letters and digits from the system's secure source.</summary>
    public virtual string Letters(int length) => RandomNumberGenerator.GetString(Alphabet, length);

    /// <summary>Secure random bytes.</summary>
    public virtual byte[] Bytes(int length) => RandomNumberGenerator.GetBytes(length);
}
