using System.Globalization;
using System.Security.Cryptography;

namespace Causeway.Accounts;

/// <summary>
/// Password hashes: PBKDF2-HMAC-SHA512, written <c>pbkdf2-sha512$rounds$salt$hash</c>. At most one runs per core, so
/// that a flood of sign-ins cannot take all of them.
/// </summary>
public sealed class PasswordHasher(AccountsOptions options) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(Math.Max(1, Environment.ProcessorCount));

    /// <summary>A new hash.</summary>
    public async Task<string> HashAsync(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var hash = await DeriveAsync(password, salt, options.PasswordIterations).ConfigureAwait(false);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"pbkdf2-sha512${options.PasswordIterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(hash)}");
    }

    /// <summary>
    /// Whether the password is right. Without a stored hash it takes as long and is false, so that the time does not
    /// tell which accounts exist.
    /// </summary>
    public async Task<bool> VerifyAsync(string password, string? stored)
    {
        var parts = stored?.Split('$');
        if (parts is not ["pbkdf2-sha512", var rounds, var salt, var hash])
        {
            await DeriveAsync(password, new byte[16], options.PasswordIterations).ConfigureAwait(false);
            return false;
        }

        var derived = await DeriveAsync(
            password, Convert.FromBase64String(salt), int.Parse(rounds, CultureInfo.InvariantCulture)).ConfigureAwait(false);
        return CryptographicOperations.FixedTimeEquals(derived, Convert.FromBase64String(hash));
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    private async Task<byte[]> DeriveAsync(string password, byte[] salt, int rounds)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Rfc2898DeriveBytes.Pbkdf2(password, salt, rounds, HashAlgorithmName.SHA512, 32)).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}
