using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Causeway.Wire.Tests;

public class HttpConnectionTests
{
    private const string Length = "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}";
    private const string Chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n";

    [Theory]
    [InlineData(Length, 1)]
    [InlineData(Length, 1000)]
    [InlineData(Chunked, 1)]
    [InlineData(Chunked, 7)]
    [InlineData(Chunked, 1000)]
    public async Task An_answer_in_pieces_is_put_together(string answer, int pieceSize)
    {
        var reply = await AskAsync(answer, pieceSize);
        Assert.Equal(200, reply.Status);
        Assert.Equal("{\"a\":1}", reply.Snippet());
    }

    [Fact]
    public async Task An_answer_larger_than_the_buffer_is_whole()
    {
        var body = new string('x', 100_000);
        Assert.Equal(100_000, (await AskAsync($"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{body}", 3000)).Body.Length);
    }

    [Fact]
    public async Task Retry_After_is_told_in_milliseconds()
    {
        var reply = await AskAsync("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n", 1000);
        Assert.Equal((429, 2000), (reply.Status, reply.RetryAfterMilliseconds));
        Assert.Equal(2000, MatrixClient.RateLimitWait(reply));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{\"a\"")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n")]
    public async Task An_answer_that_breaks_off_is_no_answer(string answer) =>
        await Assert.ThrowsAsync<ConnectionLostException>(() => AskAsync(answer, 1000));

    [Theory]
    [InlineData("""{"next_batch":"s1","x":2}""", "s1")]
    [InlineData("""{ "x" : {}, "next_batch" : "s1" }""", "s1")]
    [InlineData("""{"text":"\"next_batch\":\"no\"","next_batch":"s1"}""", "s1")]
    [InlineData("""{"x":"next_batch"}""", null)]
    public void A_field_is_found_by_its_quoted_name(string json, string? value) =>
        Assert.Equal(value, JsonBytes.FindText(Encoding.UTF8.GetBytes(json), "\"next_batch\""u8));

    [Fact]
    public void Quotes_hold_words_of_a_command_together() =>
        Assert.Equal(["a", "b c", "--d=e f", ""], CommandLine.Split("""a  "b c" --d="e f" "" """));

    /// <summary>Asks a server that gives this answer in pieces of this size and then closes.</summary>
    private static async Task<HttpReply> AskAsync(string answer, int pieceSize)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, Encoding.ASCII.GetBytes(answer), pieceSize);
        using var connection = new HttpConnection((IPEndPoint)listener.LocalEndpoint, "token");
        try
        {
            return await connection.SendAsync("GET", "/path");
        }
        finally
        {
            await serving;
        }
    }

    private static async Task ServeAsync(TcpListener listener, byte[] answer, int pieceSize)
    {
        using var socket = await listener.AcceptSocketAsync();
        socket.NoDelay = true;
        var received = await socket.ReceiveAsync(new byte[4096]);
        Assert.True(received > 0);
        foreach (var piece in answer.Chunk(pieceSize))
        {
            await socket.SendAsync(piece);
        }

        socket.Shutdown(SocketShutdown.Send);
    }
}
