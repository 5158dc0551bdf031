using System.Runtime.InteropServices;
using System.Text;
using JpegActFpga.Training.Native;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>
/// A few bytes of x86-64 machine code that let a C# function fail with a C++ exception. A managed frame cannot be unwound by
/// C++, so the thunk calls the C# function, drops its own frame, and tail-jumps to libtorch's throwing function when the
/// result is not 0.
/// </summary>
internal static unsafe partial class ThrowingThunk
{
    private const int ReadWrite = 3;
    private const int ReadExecute = 5;
    private const int PrivateAnonymous = 0x22;
    private const int PageBytes = 4096;
    private const int TextOffset = 1024;

    /// <summary>
    /// A function <c>Result* f(Result* result, void* self)</c> around <paramref name="managed"/>, of type
    /// <c>nint(Result*, void*)</c>; never freed.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The system lets no executable memory be made.</exception>
    public static nint Create(nint managed)
    {
        nint raise = AutogradEngine.Export(
            TorchRuntime.HandleOfLoaded("libc10.so"), "_ZN3c106detail14torchCheckFailEPKcS2_jS2_");
        nint page = mmap(0, PageBytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (page == -1)
        {
            throw new PlatformNotSupportedException("no memory could be mapped for the throwing thunk");
        }

        int textEnd = TextOffset;
        nint Text(string text)
        {
            nint address = page + textEnd;
            Span<byte> room = new((void*)address, PageBytes - textEnd);
            textEnd += Encoding.ASCII.GetBytes(text, room) + 1; // the page is zero: the end mark is there
            return address;
        }

        byte[] code =
        [
            0xF3, 0x0F, 0x1E, 0xFA,                                    // endbr64
            0x57,                                                      // push rdi       (result; also aligns the stack)
            0x48, 0xB8, .. Word(managed),                              // mov rax, managed
            0xFF, 0xD0,                                                // call rax
            0x5F,                                                      // pop rdi
            0x48, 0x85, 0xC0,                                          // test rax, rax
            0x75, 0x04,                                                // jne raise
            0x48, 0x89, 0xF8,                                          // mov rax, rdi
            0xC3,                                                      // ret
            0x48, 0xBF, .. Word(Text("call_unpack_hook")),             // raise: mov rdi, function
            0x48, 0xBE, .. Word(Text("SavedTensorsHooks")),            // mov rsi, file
            0xBA, 0x01, 0x00, 0x00, 0x00,                              // mov edx, line
            0x48, 0xB9, .. Word(Text("a saved-tensor unpack hook failed; SavedTensorsHooks.ThrowIfFailed tells how")), // mov rcx, message
            0x48, 0xB8, .. Word(raise),                                // mov rax, torchCheckFail
            0xFF, 0xE0,                                                // jmp rax
        ];
        code.CopyTo(new Span<byte>((void*)page, TextOffset));
        if (mprotect(page, PageBytes, ReadExecute) != 0)
        {
            throw new PlatformNotSupportedException("the system forbids making memory executable");
        }

        return page;
    }

    private static byte[] Word(nint value) => BitConverter.GetBytes((long)value);

    [LibraryImport("libc", SetLastError = false)]
    private static partial nint mmap(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", SetLastError = false)]
    private static partial int mprotect(nint address, nuint bytes, int protection);
}
